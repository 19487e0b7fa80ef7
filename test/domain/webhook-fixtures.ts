import type { InboundEvent } from "../../domain/messenger/inbound-event.ts";
import type { ParsedPage } from "../../domain/messenger/parse-webhook.ts";
import { parseWebhook } from "../../domain/messenger/parse-webhook.ts";

export const page = "110000000000001";
export const customer = "7200000000000001";
export const at = 1_790_000_000_001;

export type Json = Record<string, unknown>;

export function bytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}

export function envelope(...messaging: unknown[]): Json {
  return { object: "page", entry: [{ id: page, time: 1_790_000_000_123, messaging }] };
}

export function item(fields: Json): Json {
  return { sender: { id: customer }, recipient: { id: page }, timestamp: at, ...fields };
}

export function pagesOf(value: unknown): ParsedPage[] {
  const parsed = parseWebhook(bytes(value));
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.pages;
}

export function onlyPage(value: unknown): ParsedPage {
  const [first, ...others] = pagesOf(value);
  if (first === undefined || others.length > 0) throw new Error(`${others.length + 1} pages`);
  return first;
}

export function onlyEvent(fields: Json): InboundEvent {
  const { events, rejects } = onlyPage(envelope(item(fields)));
  const [event] = events;
  if (event === undefined || events.length > 1 || rejects.length > 0)
    throw new Error(JSON.stringify(rejects));
  return event;
}

export function keyOf(fields: Json): string {
  return onlyEvent(fields).eventKey.toString("hex");
}
