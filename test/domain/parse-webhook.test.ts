import { describe, expect, test } from "vitest";
import { parseWebhook } from "../../domain/messenger/parse-webhook.ts";
import {
  at,
  bytes,
  customer,
  envelope,
  item,
  onlyEvent,
  onlyPage,
  page,
  pagesOf,
} from "./webhook-fixtures.ts";
import { fc } from "../support/properties.ts";

describe("the body", () => {
  test("that is no JSON object is refused as not_json", () => {
    for (const body of ["", "hello", '{"object":"page"', "[1]", "null", "\u0000"]) {
      expect(parseWebhook(bytes(body))).toEqual({ ok: false, reason: "not_json" });
    }
    expect(parseWebhook(Buffer.from('{"object":"page"}', "utf16le"))).toMatchObject({ reason: "not_json" });
  });

  test("for something else than a Page is refused", () => {
    expect(parseWebhook(bytes({ object: "instagram", entry: [] }))).toEqual({
      ok: false,
      reason: "not_page_object",
    });
    expect(parseWebhook(bytes({ entry: [] }))).toEqual({ ok: false, reason: "not_page_object" });
  });

  test("with 1,000 updates is read and with one more refused", () => {
    const updates = Array.from({ length: 1_000 }, (_, n) => item({ message: { mid: `m_${n}`, text: "hi" } }));
    expect(onlyPage(envelope(...updates)).events).toHaveLength(1_000);
    expect(parseWebhook(bytes(envelope(...updates, updates[0])))).toEqual({ ok: false, reason: "too_many" });
  });

  test("with a byte order mark is read", () => {
    const body = `\uFEFF${JSON.stringify(envelope(item({ message: { mid: "m_A1", text: "hi" } })))}`;
    expect(onlyPage(body).events).toHaveLength(1);
  });

  test("with escaped Burmese is read as Burmese", () => {
    const body = JSON.stringify(envelope(item({ message: { mid: "m_A1", text: "TEXT" } }))).replace(
      "TEXT",
      "\\u1019\\u1004\\u103a\\u1039\\u1002\\u101c\\u102c\\u1015\\u102b",
    );
    expect(onlyPage(body).events[0]).toMatchObject({ text: "မင်္ဂလာပါ" });
  });

  test("groups the entries of each Page and keeps their order", () => {
    const entry = (id: string, mid: string) => ({
      id,
      time: at,
      messaging: [item({ message: { mid, text: mid } })],
    });
    const pages = pagesOf({
      object: "page",
      entry: [entry("1", "m_a"), entry("2", "m_b"), entry("1", "m_c")],
    });
    expect(
      pages.map(({ pageId, events }) => [pageId, events.map((event) => "mid" in event && event.mid)]),
    ).toEqual([
      ["1", ["m_a", "m_c"]],
      ["2", ["m_b"]],
    ]);
  });

  test("of the console's Test button gives nothing", () => {
    const entry = [
      { id: "0", time: at, messaging: [item({ message: { mid: "m_1", text: "hi" } })] },
      {
        id: page,
        time: at,
        changes: [{ field: "messages", value: { message: { mid: "test", text: "hi" } } }],
      },
    ];
    expect(onlyPage({ object: "page", entry })).toEqual({
      pageId: page,
      events: [],
      pageEvents: [],
      rejects: [],
    });
  });

  test("with an entry that names no Page gives a reject and the other entries", () => {
    const pages = pagesOf({
      object: "page",
      entry: [null, { time: at }, ...(envelope(item({ read: { watermark: at } })).entry as unknown[])],
    });
    expect(
      pages.map(({ pageId, events, rejects }) => [pageId, events.length, rejects.map((r) => r.reason)]),
    ).toEqual([
      ["", 0, ["bad_entry", "bad_entry"]],
      [page, 1, []],
    ]);
  });
});

describe("loose types", () => {
  test("keep the digits of ids beyond 2^53 that come as bare numbers", () => {
    const body =
      `{"object":"page","entry":[{"id":110000000000000017,"time":${at},"messaging":[{"sender":{"id":72000000000000017},` +
      `"recipient":{"id":110000000000000017},"timestamp":${at},"message":{"mid":"m_1","text":"pay 12345678901234567890"}}]}]}`;
    const { pageId, events } = onlyPage(body);
    expect(pageId).toBe("110000000000000017");
    expect(events[0]).toMatchObject({ senderId: "72000000000000017", text: "pay 12345678901234567890" });
  });

  test("read times in seconds, milliseconds and texts alike", () => {
    for (const timestamp of [1_790_000_000, 1_790_000_000_000, "1790000000", "1790000000000"]) {
      expect(onlyEvent({ message: { mid: "m_1", text: "hi" }, timestamp }).occurredAt).toEqual(
        new Date(1_790_000_000_000),
      );
    }
  });

  test("fall back to the entry's time when an item has none that makes sense", () => {
    for (const timestamp of [undefined, 0, -5, "soon", 1e300, 9_999_999_999_999, null]) {
      expect(onlyEvent({ message: { mid: "m_1", text: "hi" }, timestamp }).occurredAt).toEqual(
        new Date(1_790_000_000_123),
      );
    }
  });

  test("take the watermark when a delivery has no time", () => {
    expect(onlyEvent({ delivery: { watermark: 1_790_000_000_600 }, timestamp: undefined })).toMatchObject({
      kind: "delivery",
      occurredAt: new Date(1_790_000_000_600),
      mids: [],
    });
  });

  test("treat names of Object.prototype as plain names", () => {
    const body = `{"object":"page","entry":[{"id":"${page}","time":${at},"messaging":[{"__proto__":{"message":{"mid":"m_1"}},"constructor":1,"sender":{"id":"1"}}]}]}`;
    expect(onlyPage(body).rejects).toMatchObject([{ reason: "unknown_kind", senderId: "1" }]);
  });
});

describe("bad items", () => {
  test.each([
    ["bad_mid", { message: { text: "no mid" } }],
    ["bad_mid", { message: { mid: "" } }],
    ["bad_edit", { message_edit: {} }],
    ["bad_deletion", { delete: { mids: [] } }],
    ["bad_reaction", { reaction: { action: "react" } }],
    ["bad_read", { read: { watermark: "never" } }],
    ["unknown_kind", { send_cart: { items: [] } }],
  ])("are rejected as %s with their JSON and sender", (reason, fields) => {
    const { events, rejects } = onlyPage(envelope(item(fields)));
    expect(events).toEqual([]);
    expect(rejects).toEqual([{ reason, raw: JSON.stringify(item(fields)), senderId: customer }]);
  });

  test.each([
    ["bad_edit", { message_edit: { mid: "m_1" } }],
    ["no_time", { message: { mid: "m_1", text: "hi" }, timestamp: 7 }],
    ["no_time", { postback: { mid: "m_1" }, timestamp: 7 }],
  ])("are rejected as %s with the message that they are", (reason, fields) => {
    const body = { object: "page", entry: [{ id: page, messaging: [item(fields)] }] };
    const { rejects } = onlyPage(body);
    expect(rejects).toMatchObject([{ reason, senderId: customer, mid: "m_1" }]);
  });

  test("without a customer are rejected", () => {
    const message = { mid: "m_1", text: "hi" };
    const { rejects } = onlyPage(
      envelope({ sender: { user_ref: "r" }, timestamp: at, message }, null, 7, "x", []),
    );
    expect(rejects.map(({ reason }) => reason)).toEqual([
      "no_customer",
      ...Array<string>(4).fill("not_an_object"),
    ]);
  });

  test("nested 100,000 deep or with 100,000 parts end at themselves", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const many = `[${Array.from({ length: 100_000 }, () => '"m"').join(",")}]`;
    const body =
      `{"object":"page","entry":[{"id":"${page}","time":${at},"changes":[{"field":"x","value":{"a":${deep}}}],"messaging":[` +
      `{"sender":{"id":"1"},"unknown":${deep}},{"sender":{"id":"1"},"delete":{"mids":${many}}},` +
      `{"sender":{"id":"1"},"message":{"mid":"m_1","text":"hi"}}]}]}`;
    const { events, rejects } = onlyPage(body);
    expect(events).toMatchObject([{ mid: "m_1" }]);
    expect(rejects.map(({ reason }) => reason)).toEqual(["unknown_kind", "bad_deletion", "broken"]);
  });
});

describe("laws", () => {
  const junk = fc.jsonValue({ maxDepth: 4 });
  const good = fc.nat().map((n) => item({ message: { mid: `m_good_${n}`, text: "ကောင်း" } }));
  const broken = fc.oneof(
    junk,
    fc.record(
      { sender: junk, recipient: junk, timestamp: junk, message: junk, postback: junk },
      { requiredKeys: [] },
    ),
    fc.record(
      {
        sender: fc.constant({ id: customer }),
        timestamp: fc.constant(at),
        read: junk,
        delete: junk,
        reaction: junk,
      },
      { requiredKeys: ["sender"] },
    ),
  );

  test("no body makes the parser throw", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (body) => void parseWebhook(body)));
    fc.assert(fc.property(junk, (value) => void parseWebhook(bytes(value))));
    fc.assert(fc.property(junk, (entry) => void parseWebhook(bytes({ object: "page", entry }))));
    fc.assert(fc.property(fc.array(junk), (entry) => void parseWebhook(bytes({ object: "page", entry }))));
  });

  test("no good item is lost because of bad ones around it", () => {
    fc.assert(
      fc.property(fc.array(broken), good, fc.array(broken), (before, wanted, after) => {
        const mid = (wanted.message as { mid: string }).mid;
        const { events } = onlyPage(envelope(...before, wanted, ...after));
        expect(events.filter((event) => event.kind === "message" && event.mid === mid)).toHaveLength(1);
      }),
    );
  });

  test("every item ends as an event, a page event or a reject, or is the Page's own doing", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(good, broken), { maxLength: 20 }), (items) => {
        const { events, pageEvents, rejects } = onlyPage(envelope(...items));
        expect(events.length + pageEvents.length + rejects.length).toBeGreaterThanOrEqual(items.length);
      }),
    );
  });

  test("a cut body is refused and never half read", () => {
    const whole = JSON.stringify(envelope(item({ message: { mid: "m_1", text: 'hi "there" \\' } })));
    for (let length = 0; length < whole.length; length += 1) {
      expect(parseWebhook(bytes(whole.slice(0, length)))).toEqual({ ok: false, reason: "not_json" });
    }
  });
});
