import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { lockConversation } from "../../db/conversations.ts";
import { openDatabase } from "../../db/connection.ts";
import type { SubjectState } from "../../domain/sealing.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { askForSummary } from "../support/order-story.ts";
import { onlyCustomer, Outside, rowsOf, settled, turnsOf } from "../support/outside.ts";
import { Customer } from "../support/people.ts";
import { shortConversationTimings } from "../support/short-timings.ts";

let house: House;
let outside: Outside;
/** The step at which the customer's erasure begins, and of which shop; what was stored of it then is noted. */
let erasure: { step: string; shop: TestShop } | undefined;
let bodiesThen: Buffer[] = [];
/** The step at which the customer is frozen and the worker dies. */
let freeze: { step: string; shop: TestShop } | undefined;

beforeAll(async () => {
  house = await startHouse();
  await house.restartWorker({ deps: { atStep: actAtStep } });
  outside = new Outside(house);
});
afterEach(() => {
  erasure = undefined;
});
afterAll(() => house.close());

async function actAtStep(step: string): Promise<void> {
  if (freeze?.step === step) {
    await setState(freeze.shop, "frozen");
    freeze = undefined;
    throw new Error(`killed at ${step}`);
  }
  if (erasure?.step !== step) return;
  const { shop } = erasure;
  bodiesThen = await bodiesOf(shop);
  await setState(shop, "erasing");
  erasure = undefined;
}

async function bodiesOf(shop: TestShop): Promise<Buffer[]> {
  const rows = await rowsOf<{ body: Buffer }>(
    house,
    "select body from messages where shop_id = $1 and direction = 'in' order by occurred_at, id",
    [shop.shopId],
  );
  return rows.map(({ body }) => body);
}

async function setState(shop: TestShop, state: SubjectState): Promise<void> {
  await rowsOf(house, "update subjects set state = $2 where shop_id = $1 and kind = 'customer'", [
    shop.shopId,
    state,
  ]);
}

function hasBegun(): Promise<true> {
  return eventually("the erasure has begun", () => Promise.resolve(erasure === undefined));
}

function slip() {
  return {
    amountMinor: 5_000,
    currency: "MMK",
    reference: "0100",
    paidAt: new Date().toISOString(),
    payee: "",
  };
}

test("asks the model nothing about a person whose erasure begins while the turn is prepared", async () => {
  const shop = await openTestShop(house, { name: "Fenced Shop" });
  const customer = new Customer(house, shop);
  erasure = { step: "turn.claimed", shop };
  await customer.say("How much is the Red Dress?");
  await hasBegun();
  await settled(house, shop.shopId);
  expect((await turnsOf(house, shop.shopId)).map(({ outcome }) => outcome)).toEqual(["silent"]);
  expect(await outside.modelCallsOf("Fenced Shop")).toEqual([]);
  expect(await customer.received()).toEqual([]);
});

test("places no order when the erasure begins between the customer's yes and the order", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  const confirm = await askForSummary(customer);
  await settled(house, shop.shopId);
  erasure = { step: "turn.sent", shop };
  await customer.tap(confirm);
  await hasBegun();
  await settled(house, shop.shopId);
  const states = await rowsOf(house, "select order_state from orders where shop_id = $1", [shop.shopId]);
  expect(states).toEqual([{ order_state: "draft" }]);
  const stock = await rowsOf(house, "select reserved from variants where shop_id = $1", [shop.shopId]);
  expect(stock).toEqual([{ reserved: 0 }]);
});

test.each([
  ["picture.stored", "before its row is written"],
  ["turn.fetched", "before it is read"],
  ["slip.read", "before it is recorded"],
])("keeps no evidence when the erasure begins at %s, %s", async (step) => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  erasure = { step, shop };
  await customer.sendSlip(slip());
  await hasBegun();
  await settled(house, shop.shopId);
  expect(await rowsOf(house, "select id from payment_evidence where shop_id = $1", [shop.shopId])).toEqual(
    [],
  );
  expect(await customer.received()).toEqual([]);
  const kept = await rowsOf(house, "select id from objects where shop_id = $1", [shop.shopId]);
  expect(kept).toHaveLength(step === "picture.stored" ? 0 : 1);
});

test.each<[string, string, (customer: Customer) => Promise<void>]>([
  [
    "turn.claimed",
    "masked across two of them",
    async (customer) => {
      await customer.say("my card is 4111 1111");
      await customer.say("1111 1111");
    },
  ],
  ["picture.stored", "told of its picture", (customer) => customer.sendSlip(slip())],
])("changes no stored message when the erasure begins at %s, before it is %s", async (step, _how, write) => {
  const conversationTimings = { ...shortConversationTimings, quietMs: 600 };
  const shop = await openTestShop(house, { conversationTimings });
  const customer = new Customer(house, shop);
  erasure = { step, shop };
  await write(customer);
  await hasBegun();
  await settled(house, shop.shopId);
  expect(bodiesThen.length).toBeGreaterThan(0);
  expect(await bodiesOf(shop)).toEqual(bodiesThen);
});

test("copies and masks nothing of another app's thread when the erasure begins before it is in the history", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await customer.say("my card begins with 5555 5555");
  await customer.hears("an answer", () => true);
  await settled(house, shop.shopId);
  erasure = { step: "standby.masked", shop };
  const message = { mid: `m_${customer.psid}`, text: "and ends with 5555 4444" };
  await outside.metaSends({ shop, customer }, "standby", { message });
  await hasBegun();
  await house.restartWorker({ deps: { atStep: actAtStep } });
  expect(bodiesThen).toHaveLength(1);
  expect(await bodiesOf(shop)).toEqual(bodiesThen);
});

test.each(["turn.claimed", "turn.answered"])(
  "ends in silence the turn of a worker that dies at %s, when the person is frozen before the next one comes",
  async (step) => {
    const shop = await openTestShop(house);
    const customer = new Customer(house, shop);
    freeze = { step, shop };
    await customer.say("How much is the Red Dress?");
    await eventually("the worker died over a frozen person", () => Promise.resolve(freeze === undefined));
    await settled(house, shop.shopId);
    expect(await turnsOf(house, shop.shopId)).toMatchObject([{ state: "stored", outcome: "silent" }]);
    expect(await customer.received()).toEqual([]);
    await setState(shop, "active");
    await customer.say("Hello?");
    await customer.hearsText("45,000");
  },
);

test("whoever has the conversation's lock as the worker holds the person's state until commit", async () => {
  const shop = await openTestShop(house);
  await new Customer(house, shop).say("Hello");
  const customerId = await onlyCustomer(house, shop.shopId);
  await settled(house, shop.shopId);
  const worker = openDatabase({ url: house.database.urls.worker, maxConnections: 1, name: "test" });
  try {
    await worker.withShop(shop.shopId, async (trx) => {
      await lockConversation(trx, { shopId: shop.shopId, customerId });
      const erase = rowsOf(house, "select 1 from subjects where id = $1 for no key update nowait", [
        customerId,
      ]);
      await expect(erase).rejects.toMatchObject({ code: "55P03" });
    });
  } finally {
    await worker.close();
  }
});
