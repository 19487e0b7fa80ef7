import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { onlyCustomer, Outside, rowsOf, settled, turnsOf } from "../support/outside.ts";
import { Customer, Owner } from "../support/people.ts";
import { shortConversationTimings } from "../support/short-timings.ts";

let house: House;
let outside: Outside;

beforeAll(async () => {
  house = await startHouse();
  outside = new Outside(house);
});
afterEach(() => outside.calm());
afterAll(() => house.close());

async function openWith(name: string, timings = {}): Promise<{ shop: TestShop; customer: Customer }> {
  const shop = await openTestShop(house, {
    name,
    conversationTimings: { ...shortConversationTimings, ...timings },
  });
  return { shop, customer: new Customer(house, shop) };
}

/** A customer whom the agent has greeted, so that what follows is about one answer. */
async function inTalk(name: string, timings = {}): Promise<{ shop: TestShop; customer: Customer }> {
  const open = await openWith(name, timings);
  await open.customer.say("What are your opening hours?");
  await open.customer.hearsText("9 to 19");
  await settled(house, open.shop.shopId);
  return open;
}

async function humanUntil(shop: TestShop): Promise<Date | null> {
  const [row] = await rowsOf<{ human_until: Date | null }>(
    house,
    "select human_until from conversations where shop_id = $1",
    [shop.shopId],
  );
  return row?.human_until ?? null;
}

function isHumanMode(shop: TestShop): Promise<true> {
  return eventually("a person has the conversation", async () => {
    const until = await humanUntil(shop);
    return until !== null && until > new Date();
  });
}

/** The model was asked and has not answered. */
async function askSlowly(name: string, customer: Customer, text: string): Promise<void> {
  const asked = (await outside.modelCallsOf(name)).length;
  await outside.arm({ to: "model", delayMs: 1_500 });
  await customer.say(text);
  await eventually("the model thinks", async () => (await outside.modelCallsOf(name)).length > asked);
}

async function pathOf(shop: TestShop, action: string): Promise<string> {
  return `/v1/conversations/${toTypeId("cus", await onlyCustomer(house, shop.shopId))}/${action}`;
}

test("is silent from the instant a person writes in Business Suite, with a model call in flight", async () => {
  const { shop, customer } = await inTalk("Echo Shop");
  await askSlowly("Echo Shop", customer, "How much is the Red Dress?");
  await outside.humanWrites(shop, customer, "Let me answer this myself");
  await isHumanMode(shop);
  await settled(house, shop.shopId);
  await customer.say("Thank you. And returns?");
  await eventually(
    "the silent turns are stored",
    async () => (await turnsOf(house, shop.shopId)).length >= 3,
  );
  await settled(house, shop.shopId);
  expect((await customer.received()).some(({ text = "" }) => /45,000|Exchange/.test(text))).toBe(false);
});

test("is silent from the instant an owner takes over, with a model call in flight", async () => {
  const { shop, customer } = await inTalk("Take Shop");
  await askSlowly("Take Shop", customer, "How much is the Red Dress?");
  const owner = new Owner(house, shop);
  expect((await owner.post(await pathOf(shop, "take-over"))).status).toBe(200);
  await settled(house, shop.shopId);
  expect((await turnsOf(house, shop.shopId)).at(-1)?.outcome).toBe("silent");
  expect((await customer.received()).some(({ text = "" }) => text.includes("45,000"))).toBe(false);
});

test("does not send what was queued before a person took over", async () => {
  const { shop, customer } = await inTalk("Queue Shop");
  await outside.arm({
    to: "graph",
    match: "45,000",
    status: 400,
    body: { error: { code: 613, message: "slow" } },
  });
  await customer.say("How much is the Red Dress?");
  await eventually("the answer waits", async () => {
    const rows = await rowsOf(house, "select id from outbox where shop_id = $1 and state = 'queued'", [
      shop.shopId,
    ]);
    return rows.length > 0;
  });
  await new Owner(house, shop).post(await pathOf(shop, "take-over"));
  await rowsOf(house, "update outbox set next_attempt_at = now() where shop_id = $1", [shop.shopId]);
  await rowsOf(house, "update pages set paused_until = null where shop_id = $1", [shop.shopId]);
  await settled(house, shop.shopId);
  expect((await customer.received()).some(({ text = "" }) => text.includes("45,000"))).toBe(false);
});

test("stays silent about what a person answered while no worker was up", async () => {
  const { shop, customer } = await inTalk("Down Shop");
  await house.stopWorker();
  await customer.say("How much is the Red Dress?");
  await outside.humanWrites(shop, customer, "It is on sale, I will send you a photo");
  await isHumanMode(shop);
  await house.restartWorker();
  await settled(house, shop.shopId);
  await new Owner(house, shop).post(await pathOf(shop, "give-back"));
  await customer.say("What are your returns?");
  await customer.hearsText("Exchange");
  await settled(house, shop.shopId);
  expect((await customer.received()).some(({ text = "" }) => text.includes("45,000"))).toBe(false);
});

test("answers once what nobody answered when the owner gives back", async () => {
  const { shop, customer } = await inTalk("Give Shop");
  const owner = new Owner(house, shop);
  await owner.post(await pathOf(shop, "take-over"));
  await customer.say("How much is the Red Dress?");
  await customer.say("And your returns?");
  await settled(house, shop.shopId);
  await owner.post(await pathOf(shop, "give-back"));
  await customer.hearsText("45,000");
  await settled(house, shop.shopId);
  const chat = (await customer.received()).filter(({ text = "" }) => text.includes("45,000"));
  expect(chat).toHaveLength(1);
  expect((await turnsOf(house, shop.shopId)).filter(({ outcome }) => outcome === "answered")).toHaveLength(2);
  await eventually("nobody is rung for its end any more", async () => (await humanUntil(shop)) === null);
});

test("does not answer again what an owner answered through the API", async () => {
  const { shop, customer } = await inTalk("Owner Shop");
  const owner = new Owner(house, shop);
  await owner.post(await pathOf(shop, "take-over"));
  await customer.say("How much is the Red Dress?");
  await settled(house, shop.shopId);
  await owner.post(await pathOf(shop, "messages"), { text: "For you it is a present" });
  await customer.hearsText("present");
  await owner.post(await pathOf(shop, "give-back"));
  await customer.say("What are your returns?");
  await customer.hearsText("Exchange");
  await settled(house, shop.shopId);
  expect((await customer.received()).some(({ text = "" }) => text.includes("45,000"))).toBe(false);
});

test("comes back by the customer's word, and then answers what waited for a person", async () => {
  const { shop, customer } = await inTalk("Word Shop");
  await customer.say("person");
  await customer.hearsText("someone will answer you");
  await customer.say("How much is the Red Dress?");
  await settled(house, shop.shopId);
  expect((await customer.received()).some(({ text = "" }) => text.includes("45,000"))).toBe(false);
  await customer.say("bot");
  await customer.hearsText("is answering again");
  await customer.hearsText("45,000");
  expect((await customer.received()).filter(({ text = "" }) => text.includes("someone will"))).toHaveLength(
    1,
  );
});

test("comes back by itself when its time is over, and answers once what nobody answered", async () => {
  const { shop, customer } = await inTalk("Time Shop", { humanModeMs: 1_500, modelGiveUpMs: 3_000 });
  await new Owner(house, shop).post(await pathOf(shop, "take-over"));
  await customer.say("How much is the Red Dress?");
  await eventually(
    "it is silent",
    async () => (await turnsOf(house, shop.shopId)).at(-1)?.outcome === "silent",
  );
  await customer.hearsText("45,000", 25_000);
  await eventually("the mode is over", async () => (await humanUntil(shop)) === null);
  await settled(house, shop.shopId);
  expect((await customer.received()).filter(({ text = "" }) => text.includes("45,000"))).toHaveLength(1);
}, 40_000);

test("hands over to a person without the model, tells the owner, and says so at the first contact", async () => {
  const { shop, customer } = await openWith("Person Shop");
  await outside.arm({ to: "model", status: 500, times: null });
  await customer.say("Talk to a person");
  await customer.hearsText("someone will answer you");
  expect(await outside.modelCallsOf("Person Shop")).toEqual([]);
  const { data } = await new Owner(house, shop).get<{ data: { kind: string }[] }>("/v1/notices");
  expect(data.map(({ kind }) => kind)).toEqual(["person_asked"]);
  const disclosure = (await customer.received())[0];
  expect(disclosure?.text).toContain("a machine, not a person");
  expect(disclosure?.quickReplies?.map(({ payload }) => payload)).toEqual(["person"]);
});

test("says nothing to, and decides nothing for, a person who is being erased, with a model call in flight", async () => {
  const { shop, customer } = await inTalk("Erased Shop");
  await askSlowly("Erased Shop", customer, "How much is the Red Dress?");
  await rowsOf(house, "update subjects set state = 'erasing' where shop_id = $1 and kind = 'customer'", [
    shop.shopId,
  ]);
  await settled(house, shop.shopId);
  expect((await turnsOf(house, shop.shopId)).at(-1)?.outcome).toBe("silent");
  expect((await customer.received()).some(({ text = "" }) => text.includes("45,000"))).toBe(false);
});
