import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { Outside, rowsOf, settled, turnsOf } from "../support/outside.ts";
import { Customer } from "../support/people.ts";

let house: House;
let outside: Outside;
/** How often each inner step still fails. */
const failing = new Map<string, number>();
const reached: string[] = [];
/** What else happens once at an inner step. */
const acts = new Map<string, () => Promise<unknown>>();

beforeAll(async () => {
  house = await startHouse();
  await house.restartWorker({
    deps: {
      atStep: failAtStep,
      outbox: { leaseMs: 1_000, echoWaitMs: 500, askAgainMs: 500 },
    },
  });
  outside = new Outside(house);
});
afterEach(() => failing.clear());
afterAll(() => house.close());

async function failAtStep(step: string): Promise<void> {
  const act = acts.get(step);
  acts.delete(step);
  await act?.();
  const left = failing.get(step) ?? 0;
  if (left === 0) return;
  failing.set(step, left - 1);
  reached.push(step);
  throw new Error(`killed at ${step}`);
}

const question = "How much is the Red Dress?";
/** Rounds of the demonstration model for the question: it searches, then it answers. */
const rounds = 2;

async function ask(name: string): Promise<{ shop: TestShop; customer: Customer }> {
  const shop = await openTestShop(house, { name });
  const customer = new Customer(house, shop);
  await customer.say(question);
  return { shop, customer };
}

async function expectOneAnswer(shop: TestShop, customer: Customer): Promise<void> {
  await customer.hearsText("45,000");
  await eventually("nothing is open", async () => {
    const open = await rowsOf(house, "select id from outbox where shop_id = $1 and state not in ('sent')", [
      shop.shopId,
    ]);
    return open.length === 0;
  });
  await settled(house, shop.shopId);
  const texts = (await customer.received()).map(({ text = "" }) => text);
  expect(texts.filter((text) => text.includes("45,000"))).toHaveLength(1);
  expect(texts.filter((text) => text.includes("a machine, not a person"))).toHaveLength(1);
  expect((await turnsOf(house, shop.shopId)).map(({ outcome }) => outcome)).toEqual(["answered"]);
}

test.each([
  ["turn.claimed", 1],
  ["turn.fetched", 1],
  ["turn.read", 1],
  ["turn.answered", 2],
])("answers once when the worker dies twice at %s", async (step, paid) => {
  failing.set(step, 2);
  const { shop, customer } = await ask(`Early Shop ${step}`);
  await expectOneAnswer(shop, customer);
  expect(reached).toContain(step);
  const calls = await outside.modelCallsOf(`Early Shop ${step}`);
  expect(calls).toHaveLength(paid === 1 ? rounds : rounds * 3);
});

test.each(["turn.stored", "turn.sent", "outbox.claimed", "outbox.sent"])(
  "answers once, and pays the model once, when the worker dies at %s",
  async (step) => {
    failing.set(step, 1);
    const { shop, customer } = await ask(`Late Shop ${step}`);
    await expectOneAnswer(shop, customer);
    expect(reached).toContain(step);
    expect(await outside.modelCallsOf(`Late Shop ${step}`)).toHaveLength(rounds);
  },
);

test.each(["picture.stored", "turn.fetched", "slip.read", "turn.read", "turn.stored"])(
  "keeps one piece of evidence, and tells the customer once, when the worker dies twice at %s",
  async (step) => {
    failing.set(step, 2);
    const shop = await openTestShop(house);
    const customer = new Customer(house, shop);
    const paidAt = new Date().toISOString();
    await customer.sendSlip({ amountMinor: 5_000, currency: "MMK", reference: "0100", paidAt, payee: "" });
    await customer.hearsText("could not find an order");
    await settled(house, shop.shopId);
    expect(reached).toContain(step);
    const count = (table: string) =>
      rowsOf(house, `select id from ${table} where shop_id = $1`, [shop.shopId]);
    expect(await count("payment_evidence")).toHaveLength(1);
    expect(await count("objects")).toHaveLength(1);
    const told = (await customer.received()).filter(({ text = "" }) =>
      text.includes("could not find an order"),
    );
    expect(told).toHaveLength(1);
  },
);

test.each(["turn.stored", "order.placed", "decision.carried_out"])(
  "places one order, and says so once, when the worker dies at %s",
  async (step) => {
    const { shop, customer } = await ask("Order Shop");
    await customer.hearsText("45,000");
    await customer.say("I want to buy 1 Red Dress");
    await customer.hearsText(/cart/i);
    await customer.say("Name: Ma Hla\nPhone: 09 791 234 567\nTownship: Sanchaung\nAddress: No 12 Baho Road");
    await customer.hearsText(/pay/i);
    await customer.say("KBZPay");
    const confirm = await customer.offered("confirm:");
    failing.set(step, 2);
    await customer.tap(confirm);
    await customer.hearsText(/order #\S+ is placed/);
    await settled(house, shop.shopId);
    expect(reached).toContain(step);
    const texts = (await customer.received()).map(({ text = "" }) => text);
    expect(
      texts.filter((text) => /placed/.test(text) && !text.includes("only when you confirm")),
    ).toHaveLength(1);
    const stock = await rowsOf(house, "select on_hand, reserved from variants where shop_id = $1", [
      shop.shopId,
    ]);
    expect(stock).toEqual([{ on_hand: 5, reserved: 1 }]);
  },
);

test("falls back, instead of dying for ever, when a turn kills every worker that tries it", async () => {
  failing.set("turn.answered", 4);
  const { shop, customer } = await ask("Deadly Shop");
  await customer.hearsText("I could not answer that just now");
  expect((await turnsOf(house, shop.shopId)).map(({ outcome }) => outcome)).toEqual(["fallback"]);
});

test("gives up a picture that kills every worker that fetches it, and answers what comes after it", async () => {
  failing.set("picture.stored", 1_000);
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  const paidAt = new Date().toISOString();
  await customer.sendSlip({ amountMinor: 5_000, currency: "MMK", reference: "0101", paidAt, payee: "" });
  await eventually(
    "the turn is over",
    async () => (await turnsOf(house, shop.shopId))[0]?.state === "stored",
  );
  expect(failing.get("picture.stored")).toBe(996);
  failing.clear();
  await customer.say("What are your opening hours?");
  await customer.hearsText("9 to 19");
});

test("answers though a process that stood still took the turn over and never finished it", async () => {
  acts.set("turn.answered", () =>
    rowsOf(house, "update turns set attempt = attempt + 1 where state = 'claimed' returning id"),
  );
  const { shop, customer } = await ask("Haunted Shop");
  await expectOneAnswer(shop, customer);
});

test("answers with the next worker what one left while it was stopped", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await customer.say(question);
  await eventually("the turn is claimed", async () => (await turnsOf(house, shop.shopId)).length > 0);
  await house.restartWorker({
    deps: { outbox: { leaseMs: 1_000, echoWaitMs: 500, askAgainMs: 500 } },
  });
  await expectOneAnswer(shop, customer);
});
