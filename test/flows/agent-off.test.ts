import { afterAll, beforeAll, expect, test } from "vitest";

import { listConversationsToRing } from "../../db/system-sweeps.ts";
import { toTypeId } from "../../domain/id.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { askForSummary, listOrders } from "../support/order-story.ts";
import { Outside, onlyCustomer, rowsOf, settled, turnsOf } from "../support/outside.ts";
import { Customer, Owner } from "../support/people.ts";
import { shortConversationTimings } from "../support/short-timings.ts";

let house: House;
let outside: Outside;

beforeAll(async () => {
  house = await startHouse();
  outside = new Outside(house);
});
afterAll(() => house.close());

type Place = { shop: TestShop; customer: Customer; owner: Owner };

async function open(name: string, timings = {}): Promise<Place> {
  const conversationTimings = { ...shortConversationTimings, ...timings };
  const shop = await openTestShop(house, { name, conversationTimings });
  return { shop, customer: new Customer(house, shop), owner: new Owner(house, shop) };
}

/** A customer whom the agent has greeted. */
async function inTalk(name: string, timings = {}): Promise<Place> {
  const place = await open(name, timings);
  await place.customer.say("What are your opening hours?");
  await place.customer.hearsText("9 to 19");
  await settled(house, place.shop.shopId);
  return place;
}

async function pathOf({ shop }: Place): Promise<string> {
  return `/v1/conversations/${toTypeId("cus", await onlyCustomer(house, shop.shopId))}`;
}

async function switchConversation(place: Place, isEnabled: boolean): Promise<void> {
  const answer = await place.owner.fetch("PUT", `${await pathOf(place)}/agent`, { body: { isEnabled } });
  expect(answer.status).toBe(200);
}

async function switchShop({ owner }: Place, isAgentEnabled: boolean): Promise<void> {
  const answer = await owner.fetch("PATCH", "/v1/shop", { body: { isAgentEnabled } });
  expect(answer.status).toBe(200);
}

async function unread(place: Place): Promise<number> {
  return (await place.owner.get<{ unreadCount: number }>(await pathOf(place))).unreadCount;
}

async function hasHeard({ customer }: Place, part: string): Promise<boolean> {
  return (await customer.received()).some(({ text = "" }) => text.includes(part));
}

const question = "How much is the Red Dress?";

test.each([
  ["conversation", switchConversation],
  ["shop", switchShop],
])(
  "off for the %s, it leaves what is written unread, and on again it answers only what is new",
  async (of, turn) => {
    const name = `Off ${of}`;
    const place = await inTalk(name);
    const { shop, customer, owner } = place;
    await turn(place, false);
    const [heard, asked] = [await customer.received(), await outside.modelCallsOf(name)];
    await customer.say(question);
    await settled(house, shop.shopId);
    expect(await customer.received()).toEqual(heard);
    expect(await outside.modelCallsOf(name)).toEqual(asked);
    expect(await unread(place)).toBe(1);
    await turn(place, true);
    await customer.say("What are your returns?");
    await customer.hearsText("Exchange");
    await settled(house, shop.shopId);
    expect(await hasHeard(place, "45,000")).toBe(false);
    expect(await unread(place)).toBe(1);
    await owner.get(`${await pathOf(place)}/messages`);
    expect(await unread(place)).toBe(0);
  },
);

test("off before the first word, it does not even say that a machine answers", async () => {
  const place = await open("Closed Shop");
  const { shop, customer } = place;
  await switchShop(place, false);
  await customer.say(question);
  await onlyCustomer(house, shop.shopId);
  await settled(house, shop.shopId);
  expect(await customer.received()).toEqual([]);
  await switchShop(place, true);
  await customer.say(question);
  await customer.hearsText("a machine, not a person");
  await customer.hearsText("45,000");
});

test("an owner's message answers what was left", async () => {
  const place = await inTalk("Answering Shop");
  const { customer, owner, shop } = place;
  await switchConversation(place, false);
  await customer.say(question);
  await customer.say("Are you there?");
  await settled(house, shop.shopId);
  expect(await unread(place)).toBe(2);
  await owner.post(`${await pathOf(place)}/messages`, { text: "Yes, it is 45" });
  await customer.hearsText("Yes, it is 45");
  expect(await unread(place)).toBe(0);
});

test("nobody is rung for what was left, however long it waits", async () => {
  const place = await inTalk("Resting Shop");
  const { customer, shop } = place;
  await switchShop(place, false);
  await customer.say(question);
  await settled(house, shop.shopId);
  const now = new Date(Date.now() + 24 * 3_600_000);
  const due = await listConversationsToRing(house.core.system, { now, waitedMs: 0, limit: 1_000 });
  expect(due.filter(({ shopId }) => shopId === shop.shopId)).toEqual([]);
});

test("the end of a human mode answers nothing while it is off, and nothing old when it is on", async () => {
  const place = await inTalk("Human Shop");
  const { customer, owner, shop } = place;
  await owner.post(`${await pathOf(place)}/take-over`);
  await customer.say(question);
  await settled(house, shop.shopId);
  await switchConversation(place, false);
  await owner.post(`${await pathOf(place)}/give-back`);
  await eventually("the end was looked at", async () => {
    const rows = await rowsOf(
      house,
      "select 1 from conversations where shop_id = $1 and human_until is null",
      [shop.shopId],
    );
    return rows.length > 0;
  });
  await settled(house, shop.shopId);
  expect(await hasHeard(place, "45,000")).toBe(false);
  await switchConversation(place, true);
  await customer.say("What are your returns?");
  await customer.hearsText("Exchange");
  await settled(house, shop.shopId);
  expect(await hasHeard(place, "45,000")).toBe(false);
});

test("a tap is still carried out while it is off, and answers only itself", async () => {
  const place = await open("Tapping Shop", { quietMs: 600 });
  const { customer, owner, shop } = place;
  const confirm = await askForSummary(customer);
  await settled(house, shop.shopId);
  await switchConversation(place, false);
  await customer.say("One more question");
  await customer.tap(confirm);
  await eventually("the order is placed", async () => (await listOrders(owner)).length === 1);
  await settled(house, shop.shopId);
  expect((await turnsOf(house, shop.shopId)).at(-1)?.outcome).toBe("decision");
  expect(await unread(place)).toBe(1);
});
