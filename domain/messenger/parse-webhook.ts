import type { InboundEvent, InboundReject, PageEvent } from "./inbound-event.ts";
import { parseChange } from "./parse-change.ts";
import { parseItem } from "./parse-item.ts";
import { quoteLongIntegers } from "./quote-long-integers.ts";
import type { LooseObject } from "./read-field.ts";
import {
  readField,
  readIdField,
  readListField,
  readObject,
  readObjectField,
  readTimeField,
} from "./read-field.ts";

/** `pageId` is "" for what names no Page at all: there are only rejects in it. */
export type ParsedPage = {
  pageId: string;
  events: InboundEvent[];
  pageEvents: PageEvent[];
  rejects: InboundReject[];
};

export type ParsedWebhook =
  | { ok: false; reason: "not_json" | "not_page_object" | "too_many" }
  | { ok: true; pages: ParsedPage[] };

const maxUpdates = 1_000;
/** Of a reject; enough for any real item, and a bound on what a broken one can cost. */
const maxRawLength = 64_000;

/**
 * Meta's POST body as events by Page, in the order of the body. An item that cannot be understood becomes a reject and
 * costs nobody else anything. The console's "Test" button (Page "0", messaging fields in `changes`) gives nothing.
 */
export function parseWebhook(body: Uint8Array): ParsedWebhook {
  const root = parseJson(body);
  if (root === undefined) return { ok: false, reason: "not_json" };
  if (readField(root, "object") !== "page") return { ok: false, reason: "not_page_object" };
  const entries = readListField(root, "entry");
  if (countUpdates(entries) > maxUpdates) return { ok: false, reason: "too_many" };

  const pages = new Map<string, ParsedPage>();
  for (const entry of entries) parseEntry(entry, pages);
  return { ok: true, pages: [...pages.values()] };
}

function parseJson(body: Uint8Array): LooseObject | undefined {
  try {
    return readObject(JSON.parse(quoteLongIntegers(new TextDecoder().decode(body))));
  } catch {
    return undefined;
  }
}

function countUpdates(entries: unknown[]): number {
  return entries.reduce<number>((sum, entry) => {
    const lists = ["messaging", "standby", "changes"].map(
      (name) => readListField(readObject(entry), name).length,
    );
    return (
      sum +
      Math.max(
        1,
        lists.reduce((total, length) => total + length, 0),
      )
    );
  }, 0);
}

function parseEntry(value: unknown, pages: Map<string, ParsedPage>): void {
  const entry = readObject(value);
  const pageId = readIdField(entry, "id");
  if (pageId === "0") return;
  const page = pageOf(pages, pageId ?? "");
  if (entry === undefined || pageId === undefined) {
    page.rejects.push({ reason: "bad_entry", raw: toRaw(value) });
    return;
  }
  const entryTime = readTimeField(entry, "time");
  for (const item of readListField(entry, "messaging")) {
    isolated(page, item, () => addItem(page, { item, entryTime, isStandby: false }));
  }
  for (const item of readListField(entry, "standby")) {
    isolated(page, item, () => addItem(page, { item, entryTime, isStandby: true }));
  }
  for (const change of readListField(entry, "changes")) {
    isolated(page, change, () => addChange(page, change, entryTime));
  }
}

/** Whatever an item does to the parser (nesting too deep for the stack, say) ends at the item. */
function isolated(page: ParsedPage, value: unknown, add: () => void): void {
  try {
    add();
  } catch {
    page.rejects.push(rejectOf(page.pageId, value, "broken"));
  }
}

function pageOf(pages: Map<string, ParsedPage>, pageId: string): ParsedPage {
  const known = pages.get(pageId);
  if (known !== undefined) return known;
  const page: ParsedPage = { pageId, events: [], pageEvents: [], rejects: [] };
  pages.set(pageId, page);
  return page;
}

type EntryItem = { item: unknown; entryTime: Date | undefined; isStandby: boolean };

function addItem(page: ParsedPage, { item: value, entryTime, isStandby }: EntryItem): void {
  const { pageId } = page;
  const item = readObject(value);
  const reject = (reason: string) => page.rejects.push(rejectOf(pageId, value, reason));
  if (item === undefined) {
    reject("not_an_object");
    return;
  }
  const occurredAt = readTimeField(item, "timestamp") ?? watermarkOf(item) ?? entryTime;
  if (occurredAt === undefined) {
    reject("no_time");
    return;
  }
  const parsed = parseItem({ pageId, item, occurredAt, isStandby, ...sidesOf(pageId, item) });
  if ("reason" in parsed) {
    reject(parsed.reason);
    return;
  }
  page.events.push(...parsed.events);
  page.pageEvents.push(...parsed.pageEvents);
}

function sidesOf(pageId: string, item: LooseObject | undefined) {
  const sender = readIdField(readObjectField(item, "sender"), "id");
  const isFromPage = sender === pageId || readField(readObjectField(item, "message"), "is_echo") === true;
  const other = isFromPage ? readIdField(readObjectField(item, "recipient"), "id") : sender;
  return { isFromPage, customerId: other === pageId ? undefined : other };
}

/** With what can be read of whose it is and of which message: it goes with the one, and when the other is taken back. */
function rejectOf(pageId: string, value: unknown, reason: string): InboundReject {
  const item = readObject(value);
  const { customerId } = sidesOf(pageId, item);
  const [mid] = ["message", "message_edit", "postback", "reaction"].flatMap(
    (name) => readIdField(readObjectField(item, name), "mid") ?? [],
  );
  return {
    reason,
    raw: toRaw(value),
    ...(customerId === undefined ? {} : { senderId: customerId }),
    ...(mid === undefined ? {} : { mid }),
  };
}

function watermarkOf(item: LooseObject): Date | undefined {
  return (
    readTimeField(readObjectField(item, "delivery"), "watermark") ??
    readTimeField(readObjectField(item, "read"), "watermark")
  );
}

function addChange(page: ParsedPage, value: unknown, entryTime: Date | undefined): void {
  const change = readObject(value);
  if (change === undefined || entryTime === undefined) {
    page.rejects.push({ reason: change === undefined ? "not_an_object" : "no_time", raw: toRaw(value) });
    return;
  }
  page.pageEvents.push(...parseChange(page.pageId, change, entryTime));
}

/** JSON of the item. Thousands of nested arrays, which the parser takes, are too deep for the writer. */
function toRaw(value: unknown): string {
  try {
    return JSON.stringify(value).slice(0, maxRawLength);
  } catch {
    return "(nested too deeply)";
  }
}
