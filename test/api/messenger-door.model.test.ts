import { createHmac } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { eventKey } from "../../domain/messenger/event-key.ts";
import { parseWebhook } from "../../domain/messenger/parse-webhook.ts";
import { mutate, mutations, sampleItems } from "../support/hostile-webhooks.ts";
import type { Json } from "../support/hostile-webhooks.ts";
import { fc, runs } from "../support/properties.ts";
import { appSecret, createApiWorld, newPsid } from "./api-world.ts";
import type { ApiWorld, TestShop } from "./api-world.ts";

const maxBytes = 2 * 1024 * 1024;
let world: ApiWorld;
beforeAll(async () => {
  world = await createApiWorld();
});
afterAll(() => world.close());

/** Signs whatever bytes there are, so that the parser is reached. */
async function post(body: Uint8Array, headers: Record<string, string> = {}): Promise<number> {
  const signature = createHmac("sha256", appSecret).update(body).digest("hex");
  const response = await world.api.app.request("/webhooks/messenger", {
    method: "POST",
    headers: { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}`, ...headers },
    body: Buffer.from(body),
  });
  await world.api.drained();
  return response.status;
}

const json = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));

function envelope({ metaPageId }: TestShop, messaging: unknown[], changes: unknown[] = []) {
  return { object: "page", entry: [{ id: metaPageId, time: Date.now(), messaging, changes }] };
}

/** The keys of all that a body brings, but for receipts and kinds that mean nothing to us. */
function keysOf(body: Uint8Array): string[] {
  const parsed = parseWebhook(body);
  if (!parsed.ok) return [];
  return parsed.pages.flatMap(({ pageId, events, pageEvents, rejects }) => {
    const passing = ["delivery", "read", "account_linking"];
    const kept = events.filter(({ kind }) => !passing.includes(kind));
    const deleted = new Set(events.flatMap((event) => (event.kind === "deleted" ? [event.mid] : [])));
    const bad = rejects.filter(({ mid }) => mid === undefined || !deleted.has(mid));
    return [
      ...[...kept, ...pageEvents].map(({ eventKey }) => eventKey),
      ...bad.map(({ raw }) => eventKey(pageId, "reject", raw)),
    ].map((key) => key.toString("hex"));
  });
}

async function storedKeys({ shopId }: TestShop): Promise<Set<string>> {
  const { rows } = await world.owner.query<{ key: string }>(
    `select encode(event_key, 'hex') as key from intake where shop_id = $1
      union select encode(event_key, 'hex') from dead_letters where shop_id = $1
      union select encode(event_key, 'hex') from page_events where shop_id = $1`,
    [shopId],
  );
  return new Set(rows.map(({ key }) => key));
}

describe("a body of mutated items", () => {
  const hostile = fc.array(
    fc.record({ sample: fc.nat(100), changes: fc.oneof(mutations, fc.constant([])), isNew: fc.boolean() }),
    { minLength: 1, maxLength: 8 },
  );

  test("is answered with 200, and everything in it stands in intake, dead letters or Page events", async () => {
    const shop = await world.addShop();
    const customers = [newPsid(), newPsid()];
    let n = 0;
    await fc.assert(
      fc.asyncProperty(hostile, async (picks) => {
        const items = picks.map(({ sample, changes, isNew }) => {
          if (isNew) n += 1;
          const customer = customers[sample % 2] ?? "";
          const items = sampleItems(shop.metaPageId, customer, { n, at: Date.now() });
          return mutate(items[sample % items.length], changes);
        });
        const body = json(envelope(shop, items));
        if (body.length > maxBytes) return;
        expect(await post(body)).toBe(200);
        const stored = await storedKeys(shop);
        expect(keysOf(body).filter((key) => !stored.has(key))).toEqual([]);
      }),
      { numRuns: runs(40) },
    );
  });

  test("costs the good items beside them nothing", async () => {
    const shop = await world.addShop();
    const psid = newPsid();
    let n = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(100), mutations, async (sample, changes) => {
        n += 1;
        const items: Json[] = sampleItems(shop.metaPageId, psid, { n, at: Date.now() });
        const good = { ...items[0], message: { mid: `m_good_${n}`, text: "ကောင်း" } };
        const bad = mutate(items[sample % items.length], changes);
        const body = json(envelope(shop, [bad, good, bad]));
        if (body.length > maxBytes) return;
        expect(await post(body)).toBe(200);
        expect(await storedKeys(shop)).toContain(eventKey(shop.metaPageId, `m_good_${n}`).toString("hex"));
      }),
      { numRuns: runs(30) },
    );
  });
});

describe("what the Page itself is told", () => {
  test.each([
    ["NUL", "a\u0000b"],
    ["half of a surrogate pair", "a\uD83D"],
    ["a pair at the end of what is kept", `${"x".repeat(63)}🙂🙂`],
  ])("with %s in it does not stop the answer, and is kept", async (_what, text) => {
    const shop = await world.addShop();
    const items = [
      { timestamp: Date.now(), policy_enforcement: { action: text, reason: text } },
      { timestamp: Date.now(), app_roles: { [text]: [] } },
    ];
    const changes = [
      { field: `x${text}`, value: {} },
      { field: "feed", value: { item: "comment", comment_id: "1", verb: text } },
    ];
    const body = json(envelope(shop, items, changes));
    expect(await post(body)).toBe(200);
    expect([...(await storedKeys(shop))].toSorted()).toEqual(keysOf(body).toSorted());
  });
});

describe("a signed body", () => {
  const message = (shop: TestShop, mid: string) =>
    `{"sender":{"id":"7200000000000001"},"timestamp":${Date.now()},"message":{"mid":"${mid}","text":"hi"}}`;
  const whole = (shop: TestShop, items: string) =>
    `{"object":"page","entry":[{"id":"${shop.metaPageId}","time":${Date.now()},"messaging":[${items}]}]}`;
  const text = (shop: TestShop) => whole(shop, message(shop, "m_1"));

  test.each<[string, number, number, (shop: TestShop) => [Uint8Array, Record<string, string>?]]>([
    ["with a byte order mark", 200, 1, (shop) => [Buffer.from(`\uFEFF${text(shop)}`)]],
    ["in UTF-16", 200, 0, (shop) => [Buffer.from(`\uFEFF${text(shop)}`, "utf16le")]],
    ["in gzip", 200, 0, (shop) => [gzipSync(text(shop)), { "content-encoding": "gzip" }]],
    ["of a gzip bomb", 200, 0, () => [gzipSync(Buffer.alloc(50_000_000)), { "content-encoding": "gzip" }]],
    ["with bytes that are no UTF-8", 200, 1, (shop) => [broken(text(shop))]],
    [
      "with a key that stands twice",
      200,
      1,
      (shop) => [Buffer.from(whole(shop, message(shop, "m_0").replace('"mid"', '"mid":"m_1","mid"')))],
    ],
    [
      "in which an event stands twice",
      200,
      1,
      (shop) => [Buffer.from(whole(shop, twice(message(shop, "m_1"))))],
    ],
    ["nested 10,000 deep", 200, 2, (shop) => [Buffer.from(whole(shop, `${deep()},${message(shop, "m_1")}`))]],
    ["with 100,000 items", 200, 0, (shop) => [Buffer.from(whole(shop, Array(100_000).fill("{}").join(",")))]],
    [
      "with a key of a megabyte",
      200,
      2,
      (shop) => [Buffer.from(whole(shop, `${wide()},${message(shop, "m_1")}`))],
    ],
    ["of 2 MB and a byte", 413, 0, (shop) => [Buffer.from(text(shop).padEnd(maxBytes + 1))]],
    ["of 2 MB", 200, 1, (shop) => [Buffer.from(text(shop).padEnd(maxBytes))]],
    ["as a form", 415, 0, (shop) => [Buffer.from(text(shop)), { "content-type": "multipart/form-data" }]],
    ["of no stated type", 415, 0, (shop) => [Buffer.from(text(shop)), { "content-type": "" }]],
    ["of nothing", 200, 0, () => [Buffer.alloc(0)]],
  ])("%s is answered with %d, and leaves %d rows", async (_what, status, rows, make) => {
    const shop = await world.addShop();
    const [body, headers] = make(shop);
    expect(await post(body, headers)).toBe(status);
    expect((await storedKeys(shop)).size).toBe(rows);
  });

  const twice = (item: string) => `${item},${item}`;
  const deep = () =>
    `{"sender":{"id":"7"},"timestamp":${Date.now()},"x":${"[".repeat(10_000)}${"]".repeat(10_000)}}`;
  const wide = () => `{"sender":{"id":"7"},"timestamp":${Date.now()},"${"k".repeat(1_000_000)}":1}`;
  const broken = (text: string) =>
    Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from(',"x":"\xFF\xC0"}', "latin1")]);
});
