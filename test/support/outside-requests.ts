import type { ProcessorName } from "../../domain/privacy/processors.ts";
import type { SimCall } from "../../sim/sim-log.ts";

const processorOf: Record<SimCall["to"], ProcessorName> = {
  graph: "meta",
  cdn: "meta",
  model: "model",
  push: "push",
  mail: "mail",
  payments: "kbzpay",
};

/** What the product sent to whom: body, query, and for the model the records inside its instructions. */
export async function outsideRequests(simUrl: string): Promise<{ name: ProcessorName; request: object }[]> {
  const calls = (await (await fetch(`${simUrl}/calls`)).json()) as SimCall[];
  return calls.map(({ to, body, query }) => ({
    name: processorOf[to],
    // The address of a picture is Meta's own.
    request: { ...(to === "cdn" ? {} : query), ...fieldsIn(body), ...recordsIn(body) },
  }));
}

function fieldsIn(body: unknown): object {
  if (typeof body === "object" && body !== null) {
    const { at: _ofTheLog, ...fields } = body as { at?: unknown };
    return fields;
  }
  // A form; the log keeps only the size of one with a picture, whose fields the test of the client sees.
  const isForm = typeof body === "string" && !body.startsWith("<");
  return isForm ? Object.fromEntries(new URLSearchParams(body)) : {};
}

function recordsIn(body: unknown): object {
  const instructions = (body as { instructions?: unknown } | null)?.instructions;
  if (typeof instructions !== "string") return {};
  const blocks = [...instructions.matchAll(/<block name="(\w+)">(.*?)<\/block>/gu)];
  return Object.fromEntries(blocks.map(([, name = "", json = ""]) => [name, JSON.parse(json) as unknown]));
}
