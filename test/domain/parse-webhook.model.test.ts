import { expect, test } from "vitest";
import type { ParsedPage } from "../../domain/messenger/parse-webhook.ts";
import { parseWebhook } from "../../domain/messenger/parse-webhook.ts";
import { mutate, mutations, sampleItems } from "../support/hostile-webhooks.ts";
import { fc, runs } from "../support/properties.ts";
import { at, bytes, customer, onlyPage, page, pagesOf } from "./webhook-fixtures.ts";

const samples = sampleItems(page, customer, { n: 1, at });
const good = fc.constantFrom(...samples);
const hostile = fc.tuple(good, mutations).map(([item, changes]) => mutate(item, changes));
const list = fc.array(fc.oneof({ weight: 2, arbitrary: hostile }, good), { maxLength: 6 });
const envelope = (messaging: unknown[], standby: unknown[] = []) => ({
  object: "page",
  entry: [{ id: page, time: at, messaging, standby }],
});

/** What a body gave, without what a parser may not differ in. */
function resultOf(value: unknown): Omit<ParsedPage, "pageId"> {
  const { events, pageEvents, rejects } = onlyPage(value);
  return { events, pageEvents, rejects };
}

test("every real item alone is one event, and its own", () => {
  for (const item of samples) {
    const { events, pageEvents, rejects } = resultOf(envelope([item]));
    expect([events.length + pageEvents.length, rejects]).toEqual([1, []]);
  }
  const { events, pageEvents } = resultOf(envelope(samples));
  const keys = new Set([...events, ...pageEvents].map(({ eventKey }) => eventKey.toString("hex")));
  expect(keys.size).toBe(samples.length);
});

test("what an item gives does not depend on the items around it", () => {
  fc.assert(
    fc.property(list, list, (messaging, standby) => {
      const alone = [
        ...messaging.map((item) => resultOf(envelope([item]))),
        ...standby.map((item) => resultOf(envelope([], [item]))),
      ];
      expect(resultOf(envelope(messaging, standby))).toEqual({
        events: alone.flatMap(({ events }) => events),
        pageEvents: alone.flatMap(({ pageEvents }) => pageEvents),
        rejects: alone.flatMap(({ rejects }) => rejects),
      });
    }),
    { numRuns: runs(150) },
  );
});

test("every mutated item is read, reported as bad, or the Page's own reaction or edit", () => {
  fc.assert(
    fc.property(hostile, (item) => {
      const { events, pageEvents, rejects } = resultOf(envelope([item]));
      if (isOwnDoing(item)) return;
      expect(events.length + pageEvents.length + rejects.length).toBeGreaterThan(0);
      if (events.length + pageEvents.length > 0) expect(rejects).toEqual([]);
    }),
    { numRuns: runs(800) },
  );
});

test("a mutated item changes no prototype, and nothing inherited is ever read", () => {
  const before = inherited();
  fc.assert(
    fc.property(list, (items) => {
      const { events, pageEvents, rejects } = resultOf(envelope(items));
      for (const found of [...events, ...pageEvents, ...rejects]) {
        expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
        expect(JSON.stringify({ ...found, raw: "" })).not.toMatch(/polluted/);
      }
    }),
    { numRuns: runs(150) },
  );
  expect(inherited()).toEqual(before);
});

test("every time that an event carries is one that a row can hold", () => {
  fc.assert(
    fc.property(hostile, (item) => {
      for (const { occurredAt } of resultOf(envelope([item])).events) {
        expect(occurredAt.getTime()).toBeGreaterThanOrEqual(Date.UTC(2000, 0, 1));
        expect(occurredAt.getTime()).toBeLessThan(Date.UTC(2100, 0, 1));
      }
    }),
    { numRuns: runs(300) },
  );
});

test.each([
  ["seconds", 1_790_000_000],
  ["milliseconds", 1_790_000_000_000],
  ["a text of milliseconds", "1790000000000"],
])("a time in %s is the same time", (_unit, timestamp) => {
  const [event] = resultOf(envelope([{ ...samples[0], timestamp }])).events;
  expect(event?.occurredAt).toEqual(new Date(1_790_000_000_000));
});

test.each([
  ["microseconds", 1_790_000_000_000_000],
  ["the year 1", -62_135_596_800_000],
  ["the year 9999", 253_402_300_799_000],
  ["zero", 0],
  ["less than zero", -1],
  ["no number", "Infinity"],
  ["a number without an end", "9".repeat(300)],
])("a time in %s is the entry's time instead", (_unit, timestamp) => {
  const [event] = resultOf(envelope([{ ...samples[0], timestamp }])).events;
  expect(event?.occurredAt).toEqual(new Date(at));
});

test("nothing about the Page holds what a JSON column refuses", () => {
  const text = fc.string({ unit: fc.constantFrom("\u0000", "\uD83D", "🙂", "က", "a"), maxLength: 700 });
  const change = text.map((field) => ({ field: `x${field}`, value: { item: field } }));
  const comment = text.map((verb) => ({ field: "feed", value: { item: "comment", comment_id: "1", verb } }));
  const policy = fc.tuple(text, text).map(([action, reason]) => ({
    recipient: { id: page },
    timestamp: at,
    policy_enforcement: { action, reason },
  }));
  const roles = text.map((name) => ({ timestamp: at, app_roles: { [name]: [] } }));
  fc.assert(
    fc.property(fc.oneof(change, comment), fc.oneof(policy, roles), (change, item) => {
      const body = { object: "page", entry: [{ id: page, time: at, changes: [change], messaging: [item] }] };
      const { pageEvents } = resultOf(body);
      expect(pageEvents).toHaveLength(2);
      for (const { detail } of pageEvents) {
        for (const value of Object.values(detail)) expect(value).not.toMatch(/[\p{Cc}\p{Surrogate}]/u);
      }
    }),
    { numRuns: runs(150) },
  );
});

test("bytes changed anywhere in a body are read or refused, and never throw", () => {
  const whole = bytes(envelope(samples));
  const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(changes, (changes) => {
      const body = Uint8Array.from(whole);
      for (const [at, byte] of changes) body[at] = byte;
      const parsed = parseWebhook(body);
      if (!parsed.ok) expect(["not_json", "not_page_object", "too_many"]).toContain(parsed.reason);
    }),
    { numRuns: runs(300) },
  );
});

test("of a key that stands twice the last one counts, for the Page as for the item", () => {
  const body = `{"object":"user","object":"page","entry":[{"id":"1","id":"${page}","time":${at},"messaging":[
    {"sender":{"id":"1"},"sender":{"id":"${customer}"},"timestamp":${at},"message":{"mid":"a","mid":"m_2"}}]}]}`;
  expect(pagesOf(body)).toMatchObject([{ pageId: page, events: [{ senderId: customer, mid: "m_2" }] }]);
});

/** The Page's reactions and edits, of which the parser makes nothing by intention. */
function isOwnDoing(item: unknown): boolean {
  if (typeof item !== "object" || item === null) return false;
  const { sender, message } = item as { sender?: { id?: unknown }; message?: { is_echo?: unknown } };
  return sender?.id === page || message?.is_echo === true;
}

function inherited(): string[] {
  return [Object.prototype, Array.prototype, Function.prototype].flatMap((proto) =>
    Object.getOwnPropertyNames(proto),
  );
}
