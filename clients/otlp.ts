import type { FinishedSpan } from "./trace.ts";

export type OtlpOptions = {
  /** Without `/v1/traces`. */
  endpoint: string;
  headers: Record<string, string>;
  service: string;
  onFailure(lost: number): void;
};

const flushMs = 1_000;
const largestBatch = 512;
/** A collector that is away must not cost the memory of what works. */
const mostWaiting = 4_096;
const sendMs = 10_000;

/** OTLP over HTTP in JSON. Traces are dispensable: what cannot be sent at the second try is dropped and counted. */
export function createOtlpExporter(options: OtlpOptions) {
  const waiting: FinishedSpan[] = [];
  let lost = 0;
  let sending = Promise.resolve();

  async function sendAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, largestBatch);
      const isSent = (await post(options, batch)) || (await post(options, batch));
      if (!isSent) lost += batch.length;
    }
    if (lost > 0) options.onFailure(lost);
    lost = 0;
  }
  const flush = () => (sending = sending.then(sendAll));
  const timer = setInterval(() => waiting.length > 0 && void flush(), flushMs).unref();

  return {
    take(spans: FinishedSpan[]): void {
      const room = Math.max(0, mostWaiting - waiting.length);
      lost += Math.max(0, spans.length - room);
      waiting.push(...spans.slice(0, room));
    },
    async close(): Promise<void> {
      clearInterval(timer);
      await flush();
    },
  };
}

async function post({ endpoint, headers, service }: OtlpOptions, spans: FinishedSpan[]): Promise<boolean> {
  const body = JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [attribute("service.name", service)] },
        scopeSpans: [{ scope: { name: "shopthread" }, spans: spans.map(toOtlp) }],
      },
    ],
  });
  try {
    const response = await fetch(`${endpoint}/v1/traces`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body,
      redirect: "error",
      signal: AbortSignal.timeout(sendMs),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function toOtlp(span: FinishedSpan) {
  const { traceId, spanId, parentSpanId, name, steps, links, failure } = span;
  const fields = Object.entries(span.fields);
  return {
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    name,
    kind: 1, // internal
    startTimeUnixNano: nanos(span.startMs),
    endTimeUnixNano: nanos(span.endMs),
    attributes: fields.map(([field, value]) => attribute(`shopthread.${field}`, value)),
    events: steps.map(({ name, atMs }) => ({ name, timeUnixNano: nanos(atMs) })),
    links,
    status: failure === undefined ? { code: 0 } : { code: 2, message: failure },
  };
}

function attribute(key: string, value: string | number | boolean) {
  switch (typeof value) {
    case "string":
      return { key, value: { stringValue: value } };
    case "boolean":
      return { key, value: { boolValue: value } };
    default:
      return {
        key,
        value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value },
      };
  }
}

function nanos(ms: number): string {
  return String(BigInt(Math.round(ms * 1_000)) * 1_000n);
}
