import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createApiWorld, envelope, messageItem, newMid, newPsid, verifyToken } from "./api-world.ts";
import type { ApiWorld } from "./api-world.ts";
import { openDoor } from "./door.ts";
import type { Door } from "./door.ts";

let world: ApiWorld;
let door: Door;
beforeAll(async () => {
  world = await createApiWorld();
  door = openDoor(world);
});
afterAll(() => world.close());

describe("the handshake", () => {
  const address = (token: string, mode = "subscribe") =>
    `/webhooks/messenger?hub.mode=${mode}&hub.verify_token=${token}&hub.challenge=0001158201444`;

  test("echoes the challenge as it is", async () => {
    const response = await world.api.app.request(address(verifyToken));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(await response.text()).toBe("0001158201444");
  });

  test.each([
    ["a wrong token", address("wrong")],
    ["a wrong mode", address(verifyToken, "unsubscribe")],
    ["no token", "/webhooks/messenger?hub.mode=subscribe&hub.challenge=1"],
  ])("refuses %s", async (_what, path) => {
    expect((await world.api.app.request(path)).status).toBe(403);
  });
});

describe("the signature", () => {
  test("is taken over the raw bytes, escapes included", async () => {
    const shop = await world.addShop();
    expect((await door.deliver(shop, messageItem(shop, newPsid(), { text: "မင်္ဂလာပါ" }))).status).toBe(200);
    expect(await door.bodiesOf(shop)).toEqual([{ text: "မင်္ဂလာပါ" }]);
  });

  test.each([
    ["another secret", { secret: "somebody-else" }],
    ["no signature", { headers: { "x-hub-signature-256": "" } }],
    ["a legacy signature", { headers: { "x-hub-signature-256": "sha1=00" } }],
    ["a signature that is no hex", { headers: { "x-hub-signature-256": `sha256=${"ü".repeat(64)}` } }],
  ])("refuses %s and stores nothing", async (_what, options) => {
    const shop = await world.addShop();
    const items = [messageItem(shop, newPsid(), { text: "hello" })];
    const response = await door.post(envelope({ metaPageId: shop.metaPageId, items }), options);
    expect(response.status).toBe(401);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await door.intakeOf(shop)).toEqual([]);
  });

  test("refuses a body of more than 2 MB and one that is not JSON", async () => {
    expect((await door.post(`{"object":"page","x":"${"y".repeat(2_100_000)}"}`)).status).toBe(413);
    expect((await door.post("{}", { headers: { "content-type": "text/plain" } })).status).toBe(415);
  });

  test("answers 200 to signed content that nobody understands", async () => {
    for (const body of ["not json", "[]", { object: "instagram", entry: [] }, { object: "page" }]) {
      expect((await door.post(body)).status).toBe(200);
    }
  });
});

test("loses none of 999 messages because of one broken item", async () => {
  const shop = await world.addShop();
  const psids = Array.from({ length: 37 }, newPsid);
  const items = Array.from({ length: 999 }, (_, index) =>
    messageItem(shop, psids[index % psids.length] ?? "", { text: `message ${index}` }),
  );
  items.splice(500, 0, { sender: { id: psids[0] }, timestamp: "never", message: "not an object" });
  expect((await door.deliver(shop, ...items)).status).toBe(200);
  expect(await door.count("intake", shop)).toBe(999);
  expect(await door.count("customers", shop)).toBe(37);
  expect(await door.count("dead_letters", shop)).toBe(1);
});

test("stores a repeated event once and rings once", async () => {
  const shop = await world.addShop();
  const item = messageItem(shop, newPsid(), { text: "once" });
  const before = world.rung.length;
  await door.deliver(shop, item, item);
  await door.deliver(shop, item);
  expect(await door.count("intake", shop)).toBe(1);
  expect(await door.count("dead_letters", shop)).toBe(0);
  expect(world.rung.length).toBe(before + 1);
});

test("keeps the newest time of the customer's action, in whatever order events come", async () => {
  const shop = await world.addShop();
  const psid = newPsid();
  const now = Date.now();
  await door.deliver(shop, messageItem(shop, psid, { text: "second" }, now - 1_000));
  await door.deliver(shop, messageItem(shop, psid, { text: "first" }, now - 60_000));
  const [conversation] = await door.conversationsOf(shop);
  expect(conversation?.last_customer_action_at).toEqual(new Date(now - 1_000));
  expect((await door.bodiesOf(shop)).map(({ text }) => text)).toEqual(["first", "second"]);
});

test("takes in several Pages of one request, and skips one that nobody knows", async () => {
  const [one, two] = await Promise.all([world.addShop(), world.addShop()]);
  const psid = newPsid();
  const stranger = { ...one, metaPageId: "119999999999999" };
  const response = await door.post(
    envelope(
      { metaPageId: one.metaPageId, items: [messageItem(one, psid, { text: "to one" })] },
      { metaPageId: stranger.metaPageId, items: [messageItem(stranger, psid, { text: "to nobody" })] },
      { metaPageId: two.metaPageId, items: [messageItem(two, psid, { text: "to two" })] },
    ),
  );
  expect(response.status).toBe(200);
  expect(await door.bodiesOf(one)).toEqual([{ text: "to one" }]);
  expect(await door.bodiesOf(two)).toEqual([{ text: "to two" }]);
});

test("drops what comes for a Page that was disconnected", async () => {
  const shop = await world.addShop();
  await world.owner.query("update pages set state = 'disconnected' where shop_id = $1", [shop.shopId]);
  expect((await door.deliver(shop, messageItem(shop, newPsid(), { text: "hello" }))).status).toBe(200);
  expect(await door.count("customers", shop)).toBe(0);
});

test("makes one customer when ten requests bring a new one at once", async () => {
  const shop = await world.addShop();
  const psid = newPsid();
  const before = world.rung.length;
  const responses = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      door.deliver(shop, messageItem(shop, psid, { text: `hello ${index}` })),
    ),
  );
  expect(responses.map(({ status }) => status)).toEqual(Array(10).fill(200));
  expect(await door.count("customers", shop)).toBe(1);
  expect(await door.count("conversations", shop)).toBe(1);
  expect(await door.count("intake", shop)).toBe(10);
  expect((await door.bodiesOf(shop)).length).toBe(10);
  expect(world.rung.length).toBe(before + 1);
});

test("sets aside the one event that the database refuses, and keeps the others", async () => {
  const shop = await world.addShop();
  await world.owner.query(`
    create function refuse_edits() returns trigger language plpgsql as $$
    begin
      if new.kind = 'edit' then raise exception 'refused' using errcode = '22000'; end if;
      return new;
    end $$;
    create trigger refuse_edits before insert on intake for each row execute function refuse_edits();`);
  try {
    const psid = newPsid();
    const edit = { mid: newMid(), text: "edited", num_edit: 1 };
    const response = await door.deliver(
      shop,
      messageItem(shop, psid, { text: "one" }),
      { sender: { id: psid }, recipient: { id: shop.metaPageId }, timestamp: Date.now(), message_edit: edit },
      messageItem(shop, psid, { text: "two" }),
    );
    expect(response.status).toBe(200);
    expect((await door.bodiesOf(shop)).map(({ text }) => text)).toEqual(["one", "two"]);
    const { rows } = await world.owner.query("select reason from dead_letters where shop_id = $1", [
      shop.shopId,
    ]);
    expect(rows).toEqual([{ reason: "refused.22000" }]);
  } finally {
    await world.owner.query("drop trigger refuse_edits on intake; drop function refuse_edits()");
  }
});

test("answers 200 while Temporal is away, with the bell still pending", async () => {
  const shop = await world.addShop();
  world.outside.isTemporalAway = true;
  try {
    const response = await door.deliver(shop, messageItem(shop, newPsid(), { text: "hello" }));
    expect(response.status).toBe(200);
    expect(await door.count("intake", shop)).toBe(1);
    expect((await door.conversationsOf(shop))[0]?.bell_pending).toBe(true);
  } finally {
    world.outside.isTemporalAway = false;
  }
});
