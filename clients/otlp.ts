import type { Egress } from "./egress.ts";
import type { FinishedSpan } from "./trace.ts";

export type OtlpOptions = {
  egress: Egress;
  /** Without `/v1/traces`. */
  endpoint: string;
  headers: Record<string, string>;
  service: string;
  onFailure(lost: number): void;
  /** For tests; 3 s otherwise. */
  lastFlushMs?: number;
};

const flushMs = 1_000;
const largestBatch = 512;
/** A collector that is away must not cost the memory of what works. */
const mostWaiting = 4_096;
const sendMs = 10_000;
/** A process that stops does not wait longer for a collector that hangs. */
const defaultLastFlushMs = 3_000;

/** OTLP over HTTP in JSON. Traces are dispensable: what cannot be sent at the second try is dropped and counted. */
export function createOtlpExporter(options: OtlpOptions) {
  const waiting: FinishedSpan[] = [];
  let lost = 0;
  let sending = Promise.resolve();
  let isGivenUp = false;
  let sent: AbortController | undefined;

  // No AbortSignal.any: what it makes of a signal that lives as long as the process piles up.
  async function trySend(batch: FinishedSpan[]): Promise<boolean> {
    if (isGivenUp) return false;
    const request = (sent = new AbortController());
    const late = setTimeout(() => request.abort(), sendMs).unref();
    return post(options, batch, request.signal).finally(() => clearTimeout(late));
  }

  async function sendAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, largestBatch);
      const isSent = (await trySend(batch)) || (await trySend(batch));
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
      const giveUp = () => {
        isGivenUp = true;
        sent?.abort();
      };
      const deadline = setTimeout(giveUp, options.lastFlushMs ?? defaultLastFlushMs);
      await flush().finally(() => clearTimeout(deadline));
    },
  };
}

/** Never throws: nothing of a trace may end a process, a span that cannot be written neither. */
async function post(
  { egress, endpoint, headers, service }: OtlpOptions,
  spans: FinishedSpan[],
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const response = await egress.fetch("traces", `${endpoint}/v1/traces`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: bodyOf(service, spans),
      redirect: "error",
      signal,
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function bodyOf(service: string, spans: FinishedSpan[]): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [attribute("service.name", service)] },
        scopeSpans: [{ scope: { name: "shopthread" }, spans: spans.map(toOtlp) }],
      },
    ],
  });
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
