import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createApi } from "../../api/app.ts";
import { newId } from "../../domain/id.ts";
import type { MessageId } from "../../domain/id.ts";
import {
  createApiWorld,
  echoItem,
  envelope,
  messageItem,
  newMid,
  newPsid,
  ownAppId,
  signedPost,
} from "./api-world.ts";
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

describe("what is stored", () => {
  test("holds no card number, code or password, also when a card comes in two messages", async () => {
    const shop = await world.addShop();
    const psid = newPsid();
    const now = Date.now();
    await door.deliver(
      shop,
      messageItem(shop, psid, { text: "my card 4111 1111" }, now - 3_000),
      messageItem(shop, psid, { text: "1111 1111 thanks" }, now - 2_000),
      messageItem(shop, psid, { text: "my OTP is 482913" }, now - 1_000),
    );
    const bodies = await door.bodiesOf(shop);
    expect(JSON.stringify(bodies)).not.toMatch(/1111|482913/);
    expect(bodies[1]?.masked).toEqual(["card"]);
    expect(bodies[2]?.masked).toEqual(["otp"]);
  });

  test("is sealed: no word, name or sender stands in any table", async () => {
    const shop = await world.addShop();
    const psid = newPsid();
    const canary = "canary-kyaw-5521";
    await door.deliver(
      shop,
      messageItem(shop, psid, {
        text: canary,
        attachments: [{ type: "image", payload: { url: `https://x/${canary}` } }],
      }),
      {
        sender: { id: psid },
        recipient: { id: shop.metaPageId },
        timestamp: Date.now(),
        message: { text: canary, mid: 7.5 },
      },
      {
        sender: { id: psid },
        recipient: { id: shop.metaPageId },
        timestamp: Date.now(),
        postback: { payload: canary, title: canary },
      },
    );
    expect(await door.count("intake", shop)).toBeGreaterThan(1);
    const tables = await world.owner.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'public'",
    );
    for (const { name } of tables.rows) {
      const { rows } = await world.owner.query<{ text: string }>(`select t::text as text from ${name} t`);
      const hex = Buffer.from(canary).toString("hex");
      const psidHex = Buffer.from(psid).toString("hex");
      const leaks = rows.filter(({ text }) =>
        [canary, hex, psid, psidHex].some((word) => text.includes(word)),
      );
      expect(leaks, name).toEqual([]);
    }
  });

  test("keeps Zawgyi as it was typed beside its Unicode", async () => {
    const shop = await world.addShop();
    const zawgyi = "ေမာင္ေမာင္ က ေက်ာင္းသား ျဖစ္တယ္";
    await door.deliver(shop, messageItem(shop, newPsid(), { text: zawgyi }));
    const [body] = await door.bodiesOf(shop);
    expect(body?.original).toBe(zawgyi);
    expect(body?.text).toBe("မောင်မောင် က ကျောင်းသား ဖြစ်တယ်");
  });

  test("is seen by its own shop only", async () => {
    const [one, two] = await Promise.all([world.addShop(), world.addShop()]);
    await door.deliver(one, messageItem(one, newPsid(), { text: "mine" }));
    await door.deliver(two, messageItem(two, newPsid(), { text: "theirs" }));
    for (const [mine, theirs] of [
      [one, two],
      [two, one],
    ] as const) {
      const seen = await world.deps.db.withShop(mine.shopId, (trx) =>
        trx.selectFrom("intake").select("shop_id").execute(),
      );
      expect(seen).toEqual([{ shop_id: mine.shopId }]);
      const foreign = await world.deps.db.withShop(mine.shopId, (trx) =>
        trx.selectFrom("customers").where("shop_id", "=", theirs.shopId).selectAll().execute(),
      );
      expect(foreign).toEqual([]);
    }
    const unbound = await world.deps.db.withoutShop((trx) => trx.selectFrom("intake").selectAll().execute());
    expect(unbound).toEqual([]);
  });
});

describe("echoes", () => {
  test("of a person begin human mode in the same transaction", async () => {
    const shop = await world.addShop();
    const psid = newPsid();
    await door.deliver(shop, messageItem(shop, psid, { text: "hello" }));
    const at = Date.now();
    await door.deliver(
      shop,
      echoItem(shop, psid, { text: "I am Su, I help you", app_id: "263902037430900" }, at),
    );
    const [conversation] = await door.conversationsOf(shop);
    expect(conversation?.human_until).toEqual(new Date(at + 60 * 60_000));
    expect(conversation?.mode_version).toBe(1);
    expect(conversation?.last_page_at).toEqual(new Date(at));
    expect((await door.intakeOf(shop)).map(({ kind }) => kind)).toContain("page_inbox");
  });

  test("of a person begin the conversation when they write first", async () => {
    const shop = await world.addShop();
    await door.deliver(shop, echoItem(shop, newPsid(), { text: "Your parcel is here" }));
    const [conversation] = await door.conversationsOf(shop);
    expect(conversation?.human_until).not.toBeNull();
    expect(conversation?.last_customer_action_at).toBeNull();
  });

  test("of a person that come again after the thread was given back silence nobody again", async () => {
    const shop = await world.addShop();
    const echo = echoItem(shop, newPsid(), { text: "I help you" });
    await door.deliver(shop, echo);
    await world.owner.query(
      "update conversations set human_until = null, bell_pending = false where shop_id = $1",
      [shop.shopId],
    );
    await door.deliver(shop, echo);
    expect(await door.conversationsOf(shop)).toMatchObject([{ human_until: null, bell_pending: false }]);
  });

  test("that come an hour late silence nobody", async () => {
    const shop = await world.addShop();
    await door.deliver(shop, echoItem(shop, newPsid(), { text: "old" }, Date.now() - 61 * 60_000));
    const [conversation] = await door.conversationsOf(shop);
    expect(conversation?.human_until).toBeNull();
    expect(conversation?.mode_version).toBe(0);
  });

  test("of our own app, deliveries and reads become receipts and ring nobody", async () => {
    const shop = await world.addShop();
    const psid = newPsid();
    await door.deliver(shop, messageItem(shop, psid, { text: "hello" }));
    const before = world.rung.length;
    const outboxId = newId<MessageId>();
    const base = { sender: { id: psid }, recipient: { id: shop.metaPageId } };
    await door.deliver(
      shop,
      echoItem(shop, psid, { text: "our answer", app_id: Number(ownAppId), metadata: outboxId }),
      { ...base, delivery: { mids: [newMid(), newMid()], watermark: Date.now() } },
      { ...base, read: { watermark: Date.now() } },
    );
    const { rows } = await world.owner.query<{ kind: string; outbox_id: string | null }>(
      "select kind, outbox_id from receipts where shop_id = $1 order by kind",
      [shop.shopId],
    );
    expect(rows.map(({ kind }) => kind)).toEqual(["delivery", "delivery", "echo", "read"]);
    expect(rows[2]?.outbox_id).toBe(outboxId);
    expect((await door.conversationsOf(shop))[0]?.human_until).toBeNull();
    expect(await door.count("intake", shop)).toBe(1);
    expect(world.rung.length).toBe(before);
  });

  test("that carry one of our parts are ours, whatever app they name", async () => {
    const shop = await world.addShop();
    const psid = newPsid();
    await door.deliver(shop, messageItem(shop, psid, { text: "hello" }));
    const [conversation] = await door.conversationsOf(shop);
    const outboxId = newId<MessageId>();
    const part = [shop.shopId, outboxId, conversation?.customer_id];
    await world.owner.query(
      `insert into messages (shop_id, id, customer_id, direction, author, kind, occurred_at, received_at)
       values ($1, $2, $3, 'out', 'agent', 'text', now(), now())`,
      part,
    );
    await world.owner.query(
      `insert into outbox (shop_id, id, customer_id, seq, audience, business_key, part, state, next_attempt_at, created_at)
       values ($1, $2, $3, 1, 'chat', 'key', 0, 'sent', now(), now())`,
      part,
    );
    await door.deliver(shop, echoItem(shop, psid, { text: "ours", app_id: "1", metadata: outboxId }));
    expect((await door.conversationsOf(shop))[0]?.human_until).toBeNull();
    await door.deliver(shop, echoItem(shop, psid, { text: "not ours", app_id: "1", metadata: newId() }));
    expect((await door.conversationsOf(shop))[0]?.human_until).not.toBeNull();
  });

  test("and receipts of people whom we do not know leave no trace", async () => {
    const shop = await world.addShop();
    await door.deliver(shop, echoItem(shop, newPsid(), { text: "ours", app_id: ownAppId }));
    expect(await door.count("customers", shop)).toBe(0);
    expect(await door.count("receipts", shop)).toBe(0);
  });
});

test("stores a reaction as claimed: it opens the window and rings nobody", async () => {
  const shop = await world.addShop();
  const psid = newPsid();
  const before = world.rung.length;
  await door.deliver(shop, {
    sender: { id: psid },
    recipient: { id: shop.metaPageId },
    timestamp: Date.now(),
    reaction: { mid: newMid(), action: "react", reaction: "love", emoji: "❤" },
  });
  const [row] = await door.intakeOf(shop);
  expect(row?.claimed_at).not.toBeNull();
  const [conversation] = await door.conversationsOf(shop);
  expect(conversation?.last_customer_action_at).not.toBeNull();
  expect(conversation?.bell_pending).toBe(false);
  expect(world.rung.length).toBe(before);
});

test("rings nobody while the bell is pending, and again after it was taken", async () => {
  const shop = await world.addShop();
  const psid = newPsid();
  const before = world.rung.length;
  await door.deliver(shop, messageItem(shop, psid, { text: "one" }));
  await door.deliver(shop, messageItem(shop, psid, { text: "two" }));
  expect(world.rung.length).toBe(before + 1);
  await world.owner.query("update conversations set bell_pending = false where shop_id = $1", [shop.shopId]);
  await door.deliver(shop, messageItem(shop, psid, { text: "three" }));
  expect(world.rung.length).toBe(before + 2);
});

describe("a person who is being erased", () => {
  test.each([["erasing"], ["erased"]])("gets no row more when %s", async (state) => {
    const shop = await world.addShop();
    const psid = newPsid();
    await door.deliver(shop, messageItem(shop, psid, { text: "before" }));
    await world.owner.query("update subjects set state = $2 where shop_id = $1 and kind = 'customer'", [
      shop.shopId,
      state,
    ]);
    const response = await door.deliver(
      shop,
      messageItem(shop, psid, { text: "after" }),
      echoItem(shop, psid, { text: "ours", app_id: ownAppId }),
      {
        sender: { id: psid },
        recipient: { id: shop.metaPageId },
        timestamp: Date.now(),
        message: { text: "x" },
      },
    );
    expect(response.status).toBe(200);
    expect(await door.count("intake", shop)).toBe(1);
    expect(await door.count("receipts", shop)).toBe(0);
    expect(await door.count("dead_letters", shop)).toBe(0);
  });

  test("gets none when it begins between the look-up and the write", async () => {
    const shop = await world.addShop();
    const psid = newPsid();
    await door.deliver(shop, messageItem(shop, psid, { text: "before" }));
    const { sealer } = world.deps;
    const seal: typeof sealer.seal = async (items) => {
      await world.owner.query(
        "update subjects set state = 'erasing' where shop_id = $1 and kind = 'customer'",
        [shop.shopId],
      );
      return sealer.seal(items);
    };
    const { app } = createApi({ ...world.deps, sealer: { ...sealer, seal } });
    const items = [messageItem(shop, psid, { text: "after" })];
    const request = signedPost(envelope({ metaPageId: shop.metaPageId, items }));
    expect((await app.request("/webhooks/messenger", request)).status).toBe(200);
    expect(await door.count("intake", shop)).toBe(1);
  });

  test("is still heard when frozen, without a bell", async () => {
    const shop = await world.addShop();
    const psid = newPsid();
    await door.deliver(shop, messageItem(shop, psid, { text: "before" }));
    await world.owner.query("update subjects set state = 'frozen' where shop_id = $1 and kind = 'customer'", [
      shop.shopId,
    ]);
    await world.owner.query("update conversations set bell_pending = false where shop_id = $1", [
      shop.shopId,
    ]);
    const before = world.rung.length;
    await door.deliver(shop, messageItem(shop, psid, { text: "after" }));
    expect(await door.count("intake", shop)).toBe(2);
    expect(world.rung.length).toBe(before);
  });
});
