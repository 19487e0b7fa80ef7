import { afterAll, beforeAll, expect, test } from "vitest";

import { hasWaitingWords } from "../../db/intake-claims.ts";
import { createApiWorld, echoItem, messageItem, newMid, newPsid, ownAppId } from "./api-world.ts";
import type { ApiWorld, TestShop, WireItem } from "./api-world.ts";
import { openDoor } from "./door.ts";
import type { ConversationRow, Door } from "./door.ts";

const otherAppId = "263902037430900";

let world: ApiWorld;
let door: Door;
beforeAll(async () => {
  world = await createApiWorld();
  door = openDoor(world);
});
afterAll(() => world.close());

/** Copies of a thread that another app controls. */
function deliverStandby(shop: TestShop, ...standby: WireItem[]): Promise<Response> {
  return door.post({ object: "page", entry: [{ id: shop.metaPageId, time: Date.now(), standby }] });
}

type Control = Pick<ConversationRow, "bell_pending" | "human_until" | "mode_version"> & {
  standby_at: Date | null;
  control_at: Date | null;
};

async function controlOf(shop: TestShop): Promise<Control | undefined> {
  return (await door.conversationsOf(shop))[0] as Control | undefined;
}

function handover(shop: TestShop, psid: string, at: number, control: Record<string, unknown>): WireItem {
  return { sender: { id: psid }, recipient: { id: shop.metaPageId }, timestamp: at, ...control };
}

test("a message in a thread that another app controls is stored for the record and rings nobody", async () => {
  const shop = await world.addShop();
  const rung = world.rung.length;
  const psid = newPsid();
  await deliverStandby(
    shop,
    messageItem(shop, psid, { text: "hello there" }),
    handover(shop, psid, Date.now(), { postback: { mid: newMid(), title: "Menu" } }),
  );
  expect((await door.bodiesOf(shop)).map(({ text }) => text)).toEqual(["hello there", "Menu"]);
  expect(world.rung.length).toBe(rung);
  expect(await controlOf(shop)).toMatchObject({ bell_pending: false, human_until: null, control_at: null });
});

test("a picture there rings, since it may be a slip and its link expires", async () => {
  const shop = await world.addShop();
  const rung = world.rung.length;
  const attachments = [{ type: "image", payload: { url: "https://cdn.test/slip.jpg" } }];
  await deliverStandby(shop, messageItem(shop, newPsid(), { attachments }));
  expect(world.rung.length).toBe(rung + 1);
});

test.each([
  [
    "a picture there, which may be the slip, holds",
    [{ type: "image", payload: { url: "https://x.test/1" } }],
  ],
  ["words there do not hold", undefined],
])("%s the expiry of an order until a worker has taken it", async (_what, attachments) => {
  const shop = await world.addShop();
  const said = attachments === undefined ? { text: "to them" } : { attachments };
  await deliverStandby(shop, messageItem(shop, newPsid(), said));
  const [conversation] = await door.conversationsOf(shop);
  if (!conversation) throw new Error("no conversation");
  const ref = { shopId: shop.shopId, customerId: conversation.customer_id };
  const isHeld = await world.deps.db.withShop(shop.shopId, (trx) => hasWaitingWords(trx, ref));
  expect(isHeld).toBe(attachments !== undefined);
});

test("what is taken back there rings, since our copy must go whoever has the thread", async () => {
  const shop = await world.addShop();
  const rung = world.rung.length;
  await deliverStandby(shop, messageItem(shop, newPsid(), { mid: newMid(), is_deleted: true }));
  expect(world.rung.length).toBe(rung + 1);
});

test("who writes there begins no human mode, and what we had queued no longer fits, once", async () => {
  const shop = await world.addShop();
  const psid = newPsid();
  const at = Date.now() - 10_000;
  await door.deliver(shop, messageItem(shop, psid, { text: "ours" }, at));
  await deliverStandby(shop, echoItem(shop, psid, { text: "I am Su", app_id: otherAppId }, at + 1_000));
  expect(await controlOf(shop)).toMatchObject({ human_until: null, mode_version: 1 });
  await deliverStandby(shop, echoItem(shop, psid, { text: "And more", app_id: otherAppId }, at + 2_000));
  expect(await controlOf(shop)).toMatchObject({ human_until: null, mode_version: 1 });
});

test("our own echo there is still a receipt", async () => {
  const shop = await world.addShop();
  const psid = newPsid();
  await door.deliver(shop, messageItem(shop, psid, { text: "hello" }));
  await deliverStandby(shop, echoItem(shop, psid, { text: "our answer", app_id: ownAppId }));
  expect(await door.count("receipts", shop)).toBe(1);
  expect(await controlOf(shop)).toMatchObject({ standby_at: null, mode_version: 0 });
});

test.each([
  [
    "passed to us",
    { pass_thread_control: { previous_owner_app_id: otherAppId, new_owner_app_id: ownAppId } },
    "control_at",
  ],
  [
    "passed away by us",
    { pass_thread_control: { previous_owner_app_id: ownAppId, new_owner_app_id: otherAppId } },
    "standby_at",
  ],
  [
    "taken from us",
    { take_thread_control: { previous_owner_app_id: ownAppId, new_owner_app_id: otherAppId } },
    "standby_at",
  ],
  [
    "taken from us, by nobody named",
    { take_thread_control: { previous_owner_app_id: ownAppId } },
    "standby_at",
  ],
  ["asked for", { request_thread_control: { requested_owner_app_id: otherAppId } }, null],
])("control that is %s is noted without a bell", async (_how, control, noted) => {
  const shop = await world.addShop();
  const rung = world.rung.length;
  const at = Date.now() - 1_000;
  await door.deliver(shop, handover(shop, newPsid(), at, control));
  expect(await controlOf(shop)).toMatchObject({
    standby_at: noted === "standby_at" ? new Date(at) : null,
    control_at: noted === "control_at" ? new Date(at) : null,
  });
  expect(world.rung.length).toBe(rung);
});

test("control comes back with the customer's next message to us, in whatever order the two arrive", async () => {
  const shop = await world.addShop();
  const psid = newPsid();
  const at = Date.now() - 10_000;
  await door.deliver(shop, messageItem(shop, psid, { text: "to us again" }, at + 2_000));
  await deliverStandby(shop, messageItem(shop, psid, { text: "to them" }, at));
  expect(await controlOf(shop)).toMatchObject({
    standby_at: new Date(at),
    control_at: new Date(at + 2_000),
    mode_version: 0,
  });
});
