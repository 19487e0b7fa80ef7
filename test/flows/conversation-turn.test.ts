import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { openTestShop, postJson, startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { conversationHistory, onlyCustomer, Outside, rowsOf, settled, turnsOf } from "../support/outside.ts";
import { Customer } from "../support/people.ts";
import { shortConversationTimings } from "../support/short-timings.ts";

let house: House;
let outside: Outside;

beforeAll(async () => {
  house = await startHouse();
  outside = new Outside(house);
});
afterEach(() => outside.calm());
afterAll(() => house.close());

test("answers a burst of five messages once", async () => {
  const shop = await openTestShop(house, {
    conversationTimings: { ...shortConversationTimings, quietMs: 3_000, maxBurstMs: 20_000 },
  });
  const customer = new Customer(house, shop);
  await customer.say("Hello");
  const customerId = await onlyCustomer(house, shop.shopId);
  await eventually("somebody looks", async () =>
    (await conversationHistory(house, customerId).catch((): string[] => [])).includes(
      "activityTaskScheduledEventAttributes",
    ),
  );
  for (const text of ["I have a question", "about clothes", "and prices", "How much is the Red Dress?"])
    await customer.say(text);
  await customer.hearsText("45,000");
  await settled(house, shop.shopId);
  expect((await turnsOf(house, shop.shopId)).map(({ outcome }) => outcome)).toEqual(["answered"]);
  const chat = (await customer.received()).filter(({ text = "" }) => !text.includes("automated assistant"));
  expect(chat.filter(({ kind }) => kind === "text")).toHaveLength(1);
});

test("spends ten history events on a plain turn: one signal, one activity, two workflow tasks", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await customer.say("How much is the Red Dress?");
  await customer.hearsText("45,000");
  const customerId = await onlyCustomer(house, shop.shopId);
  const before = await atRest(customerId, 1);
  await customer.say("What are your opening hours?");
  await customer.hearsText("9 to 19");
  const after = await atRest(customerId, 2);
  expect(after.slice(before.length)).toEqual([
    "workflowExecutionSignaledEventAttributes",
    "workflowTaskScheduledEventAttributes",
    "workflowTaskStartedEventAttributes",
    "workflowTaskCompletedEventAttributes",
    "activityTaskScheduledEventAttributes",
    "activityTaskStartedEventAttributes",
    "activityTaskCompletedEventAttributes",
    "workflowTaskScheduledEventAttributes",
    "workflowTaskStartedEventAttributes",
    "workflowTaskCompletedEventAttributes",
  ]);
});

/** The history once its `turns` activities have been answered for and nothing more is scheduled. */
function atRest(customerId: Parameters<typeof conversationHistory>[1], turns: number): Promise<string[]> {
  return eventually(`${turns} turns are in the history`, async () => {
    const events = await conversationHistory(house, customerId);
    const done = events.filter((type) => type === "activityTaskCompletedEventAttributes");
    return done.length === turns && events.at(-1) === "workflowTaskCompletedEventAttributes" && events;
  });
}

test("counts a webhook that comes five times as one message", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await outside.arm({ to: "webhook", match: "Red Dress", duplicate: 5 });
  await customer.say("How much is the Red Dress?");
  await customer.hearsText("45,000");
  await settled(house, shop.shopId);
  expect(await countWords(shop)).toBe(1);
  expect((await customer.received()).filter(({ text = "" }) => text.includes("45,000"))).toHaveLength(1);
});

test("ignores a webhook that comes again after its message was answered", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  const item = {
    sender: { id: customer.psid },
    recipient: { id: shop.metaPageId },
    timestamp: Date.now(),
    message: { mid: "m_again", text: "How much is the Red Dress?" },
  };
  await customer.send({ raw: { timestamp: item.timestamp, message: item.message } });
  await customer.hearsText("45,000");
  await settled(house, shop.shopId);
  const heard = (await customer.received()).length;
  const entry = { id: shop.metaPageId, time: item.timestamp, messaging: [item] };
  for (let time = 0; time < 5; time += 1)
    await postJson(`${house.sim.url}/webhooks`, { body: { object: "page", entry: [entry] } });
  await customer.say("What are your opening hours?");
  await customer.hearsText("9 to 19");
  await settled(house, shop.shopId);
  expect(await customer.received()).toHaveLength(heard + 1);
  expect(await countWords(shop)).toBe(2);
});

/** How many messages of customers the shop has. */
async function countWords({ shopId }: { shopId: string }): Promise<number> {
  const rows = await rowsOf(house, "select id from messages where shop_id = $1 and direction = 'in'", [
    shopId,
  ]);
  return rows.length;
}

test("reads messages in the order in which they were written, whatever order they arrive in", async () => {
  const shop = await openTestShop(house, {
    name: "Order Shop",
    conversationTimings: { ...shortConversationTimings, quietMs: 800, maxBurstMs: 3_000 },
  });
  const customer = new Customer(house, shop);
  await outside.arm({ to: "webhook", match: "first words", reorder: true });
  await customer.say("first words");
  await customer.say("second words");
  await customer.hears("an answer", ({ text }) => (text ?? "") !== "");
  const [call] = await outside.modelCallsOf("Order Shop");
  const asked = JSON.stringify(call?.body);
  expect(asked.indexOf("first words")).toBeGreaterThan(0);
  expect(asked.indexOf("first words")).toBeLessThan(asked.indexOf("second words"));
});

test("drops an answer that a new message made stale, but never two in a row", async () => {
  const shop = await openTestShop(house, { name: "Stale Shop" });
  const customer = new Customer(house, shop);
  await outside.arm({ to: "model", delayMs: 500, times: null });
  await customer.say("What are your opening hours?");
  await asks(1);
  await customer.say("And your returns?");
  await asks(3);
  await customer.say("How much is the Red Dress?");
  await customer.hearsText("45,000", 20_000);
  await settled(house, shop.shopId);
  const outcomes = (await turnsOf(house, shop.shopId)).map(({ outcome }) => outcome);
  expect(outcomes).toEqual(["stale", "answered", "answered"]);
});

function asks(count: number): Promise<unknown> {
  return eventually(`the model was asked ${count} times`, async () => {
    return (await outside.modelCallsOf("Stale Shop")).length >= count;
  });
}

test("never drops an answer that changed the cart", async () => {
  const shop = await openTestShop(house, { name: "Cart Shop" });
  const customer = new Customer(house, shop);
  await outside.arm({ to: "model", match: "function_call_output", delayMs: 700, times: null });
  await customer.say("I want to buy 2 Red Dress");
  await eventually("the model is in its second round", async () => {
    return (await outside.modelCallsOf("Cart Shop")).length >= 2;
  });
  await customer.say("What are your opening hours?");
  await customer.hearsText("9 to 19", 20_000);
  await settled(house, shop.shopId);
  expect((await customer.received()).some(({ text = "" }) => /cart/i.test(text))).toBe(true);
  expect((await turnsOf(house, shop.shopId)).map(({ outcome }) => outcome)).toEqual(["answered", "answered"]);
});

test("answers what waits behind a burst that is larger than one turn takes", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  const items = Array.from({ length: 60 }, (_, index) => ({
    sender: { id: customer.psid },
    recipient: { id: shop.metaPageId },
    timestamp: Date.now() - 1_000 + index,
    message: { mid: `m_many_${index}`, text: `thing ${index}` },
  }));
  const entry = { id: shop.metaPageId, time: Date.now(), messaging: items };
  await postJson(`${house.sim.url}/webhooks`, { body: { object: "page", entry: [entry] } });
  await eventually("everything is answered", async () => {
    const open = await rowsOf(
      house,
      `select id from messages where shop_id = $1 and direction = 'in' and answered_at is not null`,
      [shop.shopId],
    );
    return open.length === 60;
  });
});

test("shows that the words were read and that somebody types, and answers also when that fails", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await outside.arm({ to: "graph", match: "mark_seen", status: 500 });
  await customer.say("How much is the Red Dress?");
  await customer.hearsText("45,000");
  const actions = await eventually("both actions were sent", async () => {
    const bodies = (await outside.calls("graph")).map(({ body }) => JSON.stringify(body));
    const sent = bodies.filter((body) => body.includes(customer.psid) && body.includes("sender_action"));
    return sent.length === 2 && sent;
  });
  expect(actions[0]).toContain("mark_seen");
  expect(actions[1]).toContain("typing_on");
});
