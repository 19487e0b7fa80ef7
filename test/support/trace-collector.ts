import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type SeenSpan = {
  service: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: Record<string, string>;
  events: string[];
  links: { traceId: string; spanId: string }[];
  status: { code: number; message?: string };
};

type Attribute = { key: string; value: Record<string, unknown> };
type Export = {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: {
      spans: (Omit<SeenSpan, "service" | "attributes" | "events"> & {
        attributes: Attribute[];
        events: { name: string }[];
      })[];
    }[];
  }[];
};

/** A collector that takes OTLP over HTTP in JSON, and keeps it. */
export async function startTraceCollector() {
  const bodies: string[] = [];
  const authorizations = new Set<string | undefined>();
  const state = { isAway: false };
  const server = createServer((req, res) => {
    let body = "";
    req.on("data", (chunk) => (body += String(chunk)));
    req.on("end", () => {
      if (state.isAway || req.url !== "/v1/traces") return res.writeHead(503).end();
      bodies.push(body);
      authorizations.add(req.headers.authorization);
      return res.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    state,
    authorizations,
    /** As they came. */
    bodies: () => bodies.join("\n"),
    spans: () => bodies.flatMap((body) => spansOf(JSON.parse(body) as Export)),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

export type TraceCollector = Awaited<ReturnType<typeof startTraceCollector>>;

function spansOf({ resourceSpans }: Export): SeenSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = textsOf(resource.attributes)["service.name"] ?? "";
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        ...span,
        service,
        attributes: textsOf(span.attributes),
        events: span.events.map(({ name }) => name),
      })),
    );
  });
}

function textsOf(attributes: Attribute[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]));
}
