import type { Logger } from "pino";

import { noTrace } from "../domain/ports/trace.ts";
import type { Trace } from "../domain/ports/trace.ts";
import type { Egress } from "../clients/egress.ts";
import type { Config } from "./config.ts";
import { readHeaders } from "./otlp-headers.ts";

export type OpenTrace = { trace: Trace; close(): Promise<void> };

/** Without an endpoint nothing of tracing is loaded. */
export async function openTrace(
  config: Config,
  { name, log, egress }: { name: string; log: Logger; egress: Egress },
): Promise<OpenTrace> {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return { trace: noTrace, close: () => Promise.resolve() };
  const [{ createTrace }, { createOtlpExporter }] = await Promise.all([
    import("../clients/trace.ts"),
    import("../clients/otlp.ts"),
  ]);
  const exporter = createOtlpExporter({
    egress,
    endpoint,
    headers: readHeaders(config.OTEL_EXPORTER_OTLP_HEADERS) ?? {},
    service: `shopthread-${name}`,
    onFailure: (failed) => log.warn({ failed }, "trace.not_exported"),
  });
  const trace = createTrace({ share: shareOf(config), onFinished: (spans) => exporter.take(spans) });
  return { trace, close: () => exporter.close() };
}

/** Every sampler of the standard names, without its `parentbased_`: nothing of ours has a parent outside. */
function shareOf({ OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: share }: Config): number {
  switch (sampler.replace("parentbased_", "")) {
    case "always_off":
      return 0;
    case "traceidratio":
      return share;
    default:
      return 1;
  }
}
