import type { Payload, PayloadCodec } from "@temporalio/common";

type Json = unknown;
type JsonPayload = { metadata: Record<string, string>; data?: string };

/** Replaces every payload of a history in its JSON form (bytes in base64); all else is kept as it is. */
export async function mapPayloads(
  value: Json,
  change: (payload: JsonPayload) => Promise<Json>,
): Promise<Json> {
  if (isPayload(value)) return change(value);
  if (Array.isArray(value)) return Promise.all(value.map((item) => mapPayloads(item, change)));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(async ([name, inner]) => [
    name,
    await mapPayloads(inner, change),
  ]);
  return Object.fromEntries(await Promise.all(entries)) as Json;
}

/** The same history with its payloads opened, so that it replays without any key. */
export function openHistory(history: Json, codec: PayloadCodec): Promise<Json> {
  return mapPayloads(history, async (payload) => toJson(await decode(codec, payload)));
}

/** What a payload says, as a value to print. */
export async function readPayload(codec: PayloadCodec, payload: JsonPayload): Promise<Json> {
  const { metadata, data } = await decode(codec, payload);
  const encoding = Buffer.from(metadata?.["encoding"] ?? []).toString();
  const bytes = Buffer.from(data ?? []);
  if (encoding === "json/plain") return JSON.parse(bytes.toString()) as Json;
  return encoding === "binary/null" || encoding === ""
    ? null
    : { encoding, base64: bytes.toString("base64") };
}

async function decode(codec: PayloadCodec, { metadata, data = "" }: JsonPayload): Promise<Payload> {
  const bytes = Object.entries(metadata).map(([name, text]) => [name, Buffer.from(text, "base64")]);
  const payload = { metadata: Object.fromEntries(bytes), data: Buffer.from(data, "base64") } as Payload;
  const [decoded = payload] = await codec.decode([payload]);
  return decoded;
}

function toJson({ metadata, data }: Payload): JsonPayload {
  const texts = Object.entries(metadata ?? {}).map(([name, bytes]) => [
    name,
    Buffer.from(bytes).toString("base64"),
  ]);
  return {
    metadata: Object.fromEntries(texts) as Record<string, string>,
    ...(data ? { data: Buffer.from(data).toString("base64") } : {}),
  };
}

function isPayload(value: unknown): value is JsonPayload {
  const metadata = (value as { metadata?: Record<string, unknown> } | null)?.metadata;
  return typeof metadata === "object" && metadata !== null && typeof metadata["encoding"] === "string";
}
