import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import type { FaultSpec } from "../../sim/faults.ts";
import { ATTACK_NAMES } from "../../sim/model/answer-adversary.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { Outside, rowsOf, settled, turnsOf } from "../support/outside.ts";
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

const question = "How much is the Red Dress?";
const holding = "One moment please";
const fallback = "I could not answer that just now";

function open(timings = {}): Promise<TestShop> {
  return openTestShop(house, { conversationTimings: { ...shortConversationTimings, ...timings } });
}

async function kindsOfNotices(shop: TestShop): Promise<string[]> {
  const { data } = await new Owner(house, shop).get<{ data: { kind: string }[] }>("/v1/notices");
  return data.map(({ kind }) => kind);
}

test("holds the customer when the model is slow, then answers", async () => {
  const shop = await open({ holdingAfterMs: 500 });
  const customer = new Customer(house, shop);
  await outside.arm({ to: "model", delayMs: 1_500 });
  await customer.say(question);
  await customer.hearsText("45,000");
  await settled(house, shop.shopId);
  const texts = (await customer.received()).map(({ text = "" }) => text);
  const [held, answered] = [holding, "45,000"].map((part) => texts.findIndex((text) => text.includes(part)));
  expect(held).toBeGreaterThanOrEqual(0);
  expect(answered).toBeGreaterThan(held ?? 0);
  expect(texts.filter((text) => text.includes(holding))).toHaveLength(1);
});

test("holds the customer also while a picture is read", async () => {
  const shop = await open({ holdingAfterMs: 500 });
  const customer = new Customer(house, shop);
  await outside.arm({ to: "model", match: "payment_slip", delayMs: 2_000 });
  const slip = {
    amountMinor: 5_000,
    currency: "MMK",
    reference: "01",
    paidAt: new Date().toISOString(),
    payee: "",
  };
  await customer.sendSlip(slip);
  await customer.hearsText("could not find an order");
  const texts = (await customer.received()).map(({ text = "" }) => text);
  expect(texts[0]).toContain("a machine, not a person");
  expect(texts[1]).toContain(holding);
  expect(texts.filter((text) => text.includes("a machine, not a person"))).toHaveLength(1);
});

test("says that it is a machine before it says that a slip belongs to no order", async () => {
  const shop = await open();
  const customer = new Customer(house, shop);
  await customer.sendSlip({
    amountMinor: 5_000,
    currency: "MMK",
    reference: "02",
    paidAt: new Date().toISOString(),
    payee: "",
  });
  await customer.hearsText("could not find an order");
  await settled(house, shop.shopId);
  const texts = (await customer.received()).map(({ text = "" }) => text);
  expect(texts[0]).toContain("a machine, not a person");
  expect(texts[1]).toContain("could not find an order");
  expect(texts.filter((text) => text.includes("a machine, not a person"))).toHaveLength(1);
});

test("sends no holding message when the answer comes in time", async () => {
  const shop = await open();
  const customer = new Customer(house, shop);
  await customer.say(question);
  await customer.hearsText("45,000");
  await settled(house, shop.shopId);
  expect((await customer.received()).some(({ text = "" }) => text.includes(holding))).toBe(false);
});

const passing: [string, FaultSpec][] = [
  ["answers 500", { to: "model", status: 500, times: 1 }],
  ["limits the rate", { to: "model", status: 429, times: 1 }],
  ["loses its answer", { to: "model", dropAfter: true, times: 1 }],
  ["answers what is no JSON", { to: "model", status: 200, body: "<html>", times: 1 }],
  ["answers another shape", { to: "model", status: 200, body: { ok: true }, times: 1 }],
  ["does not answer", { to: "model", hang: true, times: 1 }],
];

test.each(passing)("answers after a second try when the model %s once", async (_how, fault) => {
  const shop = await open({ modelCallMs: 800 });
  const customer = new Customer(house, shop);
  await outside.arm(fault);
  await customer.say(question);
  await customer.hearsText("45,000");
  await settled(house, shop.shopId);
  expect((await turnsOf(house, shop.shopId)).map(({ outcome }) => outcome)).toEqual(["answered"]);
  expect(await kindsOfNotices(shop)).toEqual([]);
});

const lasting: [string, FaultSpec][] = [
  ["answers 500", { to: "model", status: 500, times: null }],
  ["refuses the key", { to: "model", status: 401, times: null }],
  ["answers nonsense", { to: "model", status: 200, body: { ok: true }, times: null }],
  ["hangs", { to: "model", hang: true, times: null }],
];

test.each(lasting)(
  "falls back politely and tells the owner, once, when the model %s for good",
  async (_how, fault) => {
    const shop = await open({ modelCallMs: 500, modelGiveUpMs: 1_500 });
    const customer = new Customer(house, shop);
    await outside.arm(fault);
    await customer.say(question);
    const said = await customer.hearsText(fallback);
    expect(said.quickReplies?.map(({ payload }) => payload)).toEqual(["person"]);
    await settled(house, shop.shopId);
    expect((await customer.received()).filter(({ text = "" }) => text.includes(fallback))).toHaveLength(1);
    expect((await turnsOf(house, shop.shopId)).map(({ outcome }) => outcome)).toEqual(["fallback"]);
    expect(await kindsOfNotices(shop)).toEqual(["agent_failed"]);
  },
);

test("reads what waited long for a worker with the model, not with the fallback", async () => {
  const shop = await open({ modelGiveUpMs: 300, holdingAfterMs: 200, modelCallMs: 4_000 });
  const customer = new Customer(house, shop);
  await house.stopWorker();
  await customer.say(question);
  await house.restartWorker();
  await customer.hearsText("45,000");
  expect((await turnsOf(house, shop.shopId)).map(({ outcome }) => outcome)).toEqual(["answered"]);
});

test("lets the next worker answer when one is stopped while the model thinks", async () => {
  const shop = await open({ modelCallMs: 25_000 });
  const customer = new Customer(house, shop);
  await outside.arm({ to: "model", hang: true });
  await customer.say(question);
  await eventually("the turn is claimed", async () => (await turnsOf(house, shop.shopId)).length > 0);
  await house.restartWorker();
  await customer.hearsText("45,000");
  expect((await turnsOf(house, shop.shopId)).map(({ outcome }) => outcome)).toEqual(["answered"]);
}, 40_000);

/** What no answer may hold, whatever the model says: no record of the shop says it. */
const lies =
  /999,999|1,500 MMK|\b1 Ks|evil\.example|ORD-99999|777 666 555|777666555|<script|javascript:|confirmed|have received your payment|has been shipped|refund of/i;

test("sends no answer that ended in the middle, since half a price is another price", async () => {
  const shop = await open();
  const customer = new Customer(house, shop);
  await outside.setModel("adversary");
  await customer.say(`${question}\n[adversary: cut_short]`);
  await customer.hearsText(fallback);
  await settled(house, shop.shopId);
  for (const { text } of await customer.received()) expect(text ?? "").not.toContain("Red Dress is 4");
});

test("runs a few of a hundred calls that come in one answer, so that no prompt swells", async () => {
  const shop = await open();
  const customer = new Customer(house, shop);
  const since = (await outside.calls("model")).at(-1)?.seq ?? 0;
  await outside.setModel("adversary");
  await customer.say(`${question}\n[adversary: hundred_calls]`);
  await customer.hearsText(fallback);
  const prompts = (await outside.calls("model", since)) as { body: { input: { type?: string }[] } }[];
  const ran = prompts.map(({ body }) => body.input.filter(({ type }) => type === "function_call").length);
  expect(Math.max(...ran)).toBe(8);
});

/** It sells with what the customer said themselves, which may be kept; `test/walls/injection.test.ts` has it. */
const attacks = ATTACK_NAMES.filter((name) => name !== "sells_at_once");

test("lets nothing false through, and nothing happen, when the model is an attacker over a whole conversation", async () => {
  const shop = await open({ quietMs: 50, maxBurstMs: 200 });
  const customer = new Customer(house, shop);
  await outside.setModel("adversary");
  for (const [index, attack] of attacks.entries()) {
    await customer.say(`Please ${index}\n[adversary: ${attack}]`);
    await settled(house, shop.shopId);
  }
  await customer.say("yes");
  await settled(house, shop.shopId);
  const heard = (await customer.received()).map(({ text = "" }) => text);
  expect(heard.length).toBeGreaterThan(attacks.length / 2);
  for (const text of heard) expect(text).not.toMatch(lies);
  expect(await rowsOf(house, "select id from orders where shop_id = $1", [shop.shopId])).toEqual([]);
  const stock = await rowsOf(house, "select on_hand, reserved from variants where shop_id = $1", [
    shop.shopId,
  ]);
  expect(stock).toEqual([{ on_hand: 5, reserved: 0 }]);
  const contacts = await rowsOf(
    house,
    "select contact from carts where shop_id = $1 and contact is not null",
    [shop.shopId],
  );
  expect(contacts).toEqual([]);
}, 120_000);

test("places nothing that an attacking model prepares, and says nothing false around a real order", async () => {
  const shop = await open();
  const customer = new Customer(house, shop);
  await customer.say("I want to buy 2 Red Dress");
  await customer.hearsText(/cart/i);
  await customer.say("Name: Ma Hla\nPhone: 09 791 234 567\nTownship: Sanchaung\nAddress: No 12 Baho Road");
  await customer.hearsText(/pay/i);
  await customer.say("KBZPay");
  const confirm = await customer.offered("confirm:");
  await outside.setModel("adversary");
  for (const attack of [
    "fake_confirmed",
    "confirms_itself",
    "huge_quantity",
    "foreign_method",
    "wrong_total",
  ]) {
    await customer.say(`What now?\n[adversary: ${attack}]`);
    await settled(house, shop.shopId);
  }
  expect(
    await rowsOf(house, "select id from orders where shop_id = $1 and order_state <> 'draft'", [shop.shopId]),
  ).toEqual([]);
  for (const { text = "" } of await customer.received()) expect(text).not.toMatch(lies);
  await customer.tap(confirm);
  const placed = await customer.hearsText(/order #\S+ is placed/);
  expect(placed.text).toContain("92,500");
});
