import { afterAll, beforeAll, expect, test } from "vitest";

import { createApiWorld, messageItem, newMid, newPsid } from "./api-world.ts";
import type { ApiWorld, TestShop, WireItem } from "./api-world.ts";
import { openDoor } from "./door.ts";
import type { Door } from "./door.ts";

let world: ApiWorld;
let door: Door;
beforeAll(async () => {
  world = await createApiWorld();
  door = openDoor(world);
});
afterAll(() => world.close());

type Said = { message: WireItem; edit: WireItem; deletion: WireItem; otherForm: WireItem };

function say(shop: TestShop, psid: string): Said {
  const mid = newMid();
  const base = { sender: { id: psid }, recipient: { id: shop.metaPageId }, timestamp: Date.now() };
  return {
    message: messageItem(shop, psid, { mid, text: "nobody shall read this" }),
    edit: { ...base, message_edit: { mid, text: "nor this", num_edit: 1 } },
    deletion: messageItem(shop, psid, { mid, is_deleted: true }),
    otherForm: { ...base, delete: { mids: [mid] } },
  };
}

async function wordsOf(shop: TestShop): Promise<string[]> {
  const rows = await door.intakeOf(shop);
  return rows.flatMap(({ kind, body }) => (body !== null && kind !== "deleted" ? [kind] : []));
}

test.each<[string, (said: Said) => WireItem[][]]>([
  ["before it", ({ message, edit, deletion }) => [[deletion], [message], [edit]]],
  ["after it", ({ message, edit, deletion }) => [[message], [edit], [deletion]]],
  ["between it and its edit", ({ message, edit, deletion }) => [[message], [deletion], [edit]]],
  ["with it, as the first", ({ message, edit, deletion }) => [[deletion, message, edit]]],
  ["with it, as the last", ({ message, edit, deletion }) => [[message, edit, deletion]]],
  ["before it, in the other form", ({ message, otherForm }) => [[otherForm], [message]]],
  ["after it, in the other form", ({ message, otherForm }) => [[message], [otherForm]]],
])("a message whose deletion comes %s leaves no words", async (_when, requests) => {
  const shop = await world.addShop();
  const psid = newPsid();
  const said = say(shop, psid);
  await door.deliver(shop, messageItem(shop, psid, { text: "this stays" }));
  for (const items of requests(said)) await door.deliver(shop, ...items);
  expect(await wordsOf(shop)).toEqual(["message"]);
});

test("a deletion that comes a week before its message is still remembered", async () => {
  const shop = await world.addShop();
  const said = say(shop, newPsid());
  await door.deliver(shop, said.deletion);
  await world.owner.query(
    "update intake set body = null, claimed_at = now(), received_at = $2 where shop_id = $1",
    [shop.shopId, new Date(Date.now() - 7 * 24 * 3_600_000)],
  );
  await door.deliver(shop, said.message);
  expect(await wordsOf(shop)).toEqual([]);
});

test("a deletion touches nobody else's message", async () => {
  const shop = await world.addShop();
  const mid = newMid();
  await door.deliver(shop, messageItem(shop, newPsid(), { mid, text: "mine" }));
  const other = newMid();
  const psid = newPsid();
  await door.deliver(shop, messageItem(shop, psid, { mid, is_deleted: true }));
  await door.deliver(shop, messageItem(shop, psid, { mid: other, is_deleted: true }));
  await door.deliver(shop, messageItem(shop, newPsid(), { mid: other, text: "mine too" }));
  expect(await wordsOf(shop)).toEqual(["message", "message"]);
});
