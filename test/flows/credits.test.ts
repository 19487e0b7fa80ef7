import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { openDatabase } from "../../db/connection.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { grantCredits, reverseGrant } from "../../db/credits.ts";
import { creditsOf } from "../../domain/credit/rates.ts";
import { toTypeId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { askForSummary, listOrders, openStory, orderBecomes, slip } from "../support/order-story.ts";
import { Outside, onlyCustomer, rowsOf, settled, turnsOf } from "../support/outside.ts";
import { Customer, Owner } from "../support/people.ts";

let house: House;
let outside: Outside;
/** How often each inner step still fails. */
const failing = new Map<string, number>();

beforeAll(async () => {
  house = await startHouse();
  await house.restartWorker({ deps: { atStep: failAtStep } });
  outside = new Outside(house);
});
afterEach(async () => {
  failing.clear();
  await outside.calm();
});
afterAll(() => house.close());

/** The API's login makes no credits and takes none. */
async function asWorker<T>(shopId: ShopId, fn: (trx: ShopTransaction) => Promise<T>): Promise<T> {
  const db = openDatabase({ url: house.database.urls.worker, maxConnections: 1, name: "test" });
  try {
    return await db.withShop(shopId, fn);
  } finally {
    await db.close();
  }
}

function failAtStep(step: string): Promise<void> {
  const left = failing.get(step) ?? 0;
  if (left === 0) return Promise.resolve();
  failing.set(step, left - 1);
  return Promise.reject(new Error(`killed at ${step}`));
}

const question = "How much is the Red Dress?";
const leftToPerson = "someone will answer you here";

type Reservation = { state: string; charged: number; reserved: number };

function listReservations({ shopId }: TestShop): Promise<Reservation[]> {
  return rowsOf(
    house,
    `select r.state, r.charged::int, (select coalesce(sum(reserved), 0)::int from credit_grants g
       where g.shop_id = r.shop_id) as reserved
     from credit_reservations r where r.shop_id = $1 order by r.reserved_at`,
    [shopId],
  );
}

async function usedOf({ shopId }: TestShop): Promise<number> {
  const [row] = await rowsOf<{ used: number }>(
    house,
    "select coalesce(sum(credits), 0)::int as used from credit_lines where shop_id = $1 and account = 'used'",
    [shopId],
  );
  return row?.used ?? 0;
}

function isReserved(shop: TestShop): Promise<unknown> {
  return eventually("credits are reserved", async () =>
    (await listReservations(shop)).some(({ state }) => state === "reserved"),
  );
}

async function kindsOfNotices(shop: TestShop): Promise<string[]> {
  const { data } = await new Owner(house, shop).get<{ data: { kind: string }[] }>("/v1/notices");
  return data.map(({ kind }) => kind);
}

async function hasHeard(customer: Customer, part: string): Promise<boolean> {
  return (await customer.received()).some(({ text = "" }) => text.includes(part));
}

test.each(["turn.answered", "turn.stored"])(
  "charges a turn once when its worker dies twice at %s",
  async (step) => {
    const shop = await openTestShop(house);
    const customer = new Customer(house, shop);
    failing.set(step, 2);
    await customer.say(question);
    await customer.hearsText("45,000");
    await settled(house, shop.shopId);
    const [turn] = await rowsOf<{ calls: number; inputTokens: number; outputTokens: number }>(
      house,
      `select rounds as calls, input_tokens as "inputTokens", output_tokens as "outputTokens" from turns
       where shop_id = $1`,
      [shop.shopId],
    );
    const charged = creditsOf({ calls: 0, inputTokens: 0, outputTokens: 0, ...turn, pictures: 0 });
    expect(charged).toBeGreaterThan(0);
    expect(await listReservations(shop)).toEqual([{ state: "settled", charged, reserved: 0 }]);
    expect(await usedOf(shop)).toBe(charged);
  },
);

test("charges the reading of a slip and the answer of its turn together", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await customer.sendSlip(slip());
  await customer.hearsText("could not find an order");
  await settled(house, shop.shopId);
  const [reservation, ...others] = await listReservations(shop);
  expect(others).toEqual([]);
  expect(reservation).toMatchObject({ state: "settled", reserved: 0 });
  expect(reservation?.charged).toBeGreaterThanOrEqual(2);
});

test("charges nothing when the model fails wholly", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await outside.arm({ to: "model", status: 401, times: null });
  await customer.say(question);
  await customer.hearsText("I could not answer that just now");
  await settled(house, shop.shopId);
  expect(await listReservations(shop)).toEqual([{ state: "released", charged: 0, reserved: 0 }]);
});

test("charges an answer that became stale, since the provider was paid", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await outside.arm({ to: "model", delayMs: 1_500, times: 1 });
  await customer.say(question);
  await isReserved(shop);
  await customer.say("And what are your returns?");
  await customer.hearsText("Exchange");
  await settled(house, shop.shopId);
  expect((await turnsOf(house, shop.shopId)).map(({ outcome }) => outcome)).toEqual(["stale", "answered"]);
  const [stale, answered] = await listReservations(shop);
  expect(stale?.charged).toBeGreaterThan(0);
  expect(answered?.charged).toBeGreaterThan(0);
});

test("waits for credits that another turn has reserved and gives back", async () => {
  const shop = await openTestShop(house, { credits: 20 });
  const [first, second] = [new Customer(house, shop), new Customer(house, shop)];
  await outside.arm({ to: "model", delayMs: 1_500, times: 1 });
  await first.say(question);
  await isReserved(shop);
  await second.say(question);
  await second.hearsText("45,000");
  await settled(house, shop.shopId);
  expect(await hasHeard(second, leftToPerson)).toBe(false);
  expect(await kindsOfNotices(shop)).not.toContain("credits_out");
});

test("without credits the customer is told once that a person answers, the owner once, taps and slips go on, and with new credits the agent answers what is written then", async () => {
  const { shop, owner, customer } = await openStory(house);
  const { shopId } = shop;
  const confirm = await askForSummary(customer);
  await settled(house, shopId);
  const now = new Date();
  await asWorker(shopId, (trx) => reverseGrant(trx, { shopId, effectKey: "opening", now }));
  const paid = (await listReservations(shop)).length;

  await customer.tap(confirm);
  const order = await eventually("the order is placed", async () => (await listOrders(owner))[0]);
  await customer.sendSlip(slip());
  await orderBecomes(owner, order.id, { paymentState: "under_review" });

  const other = new Customer(house, shop);
  for (const one of [customer, other]) {
    await one.say(question);
    await one.hearsText(leftToPerson);
    await one.say("Hello? Are you there?");
    await settled(house, shopId);
  }
  const heard = (await customer.received()).filter(({ text = "" }) => text.includes(leftToPerson));
  expect(heard).toHaveLength(1);
  expect((await kindsOfNotices(shop)).filter((kind) => kind === "credits_out")).toHaveLength(1);
  expect(await kindsOfNotices(shop)).not.toContain("agent_failed");
  expect(await listReservations(shop)).toHaveLength(paid);
  const { data } = await owner.get<{ data: { unreadCount: number }[] }>(
    "/v1/conversations?isWaitingForPerson=true",
  );
  expect(data.map(({ unreadCount }) => unreadCount)).toEqual([2, 2]);

  await asWorker(shopId, (trx) =>
    grantCredits(trx, { shopId, kind: "top_up", credits: 100, expiresAt: null, effectKey: "more", now }),
  );
  await eventually("the conversations are the agent's again", async () => {
    const waiting = "select 1 from conversations where shop_id = $1 and credits_short_at is not null";
    return (await rowsOf(house, waiting, [shopId])).length === 0;
  });
  await other.say("What are your returns?");
  await other.hearsText("Exchange");
  await settled(house, shopId);
  expect(await hasHeard(other, "45,000")).toBe(false);
}, 60_000);

test("a shop as it begins answers by its trial", async () => {
  const shop = await openTestShop(house, { credits: null });
  const customer = new Customer(house, shop);
  await customer.say(question);
  await customer.hearsText("45,000");
  const balance = await new Owner(house, shop).get<{ grants: { kind: string; granted: number }[] }>(
    "/v1/credits",
  );
  expect(balance.grants).toMatchObject([{ kind: "trial", granted: 200 }]);
});

test("M:MIKY-13 each turn tells its times, the agent's name, and what it was charged, which is what the ledger used", async () => {
  const shop = await openTestShop(house, { agentName: "Su Su" });
  const customer = new Customer(house, shop);
  await customer.say(question);
  await customer.hearsText("45,000");
  await settled(house, shop.shopId);
  await customer.say("What are your returns?");
  await customer.hearsText("Exchange");
  await settled(house, shop.shopId);
  const customerId = toTypeId("cus", await onlyCustomer(house, shop.shopId));
  type Turn = {
    startedAt: string;
    storedAt: string;
    agentName: string;
    credits: { charged: number; costMicroUsd: number };
  };
  const owner = new Owner(house, shop);
  const { data } = await owner.get<{ data: Turn[] }>(`/v1/conversations/${customerId}/turns`);
  expect(data).toHaveLength(2);
  for (const turn of data) {
    expect(Date.parse(turn.storedAt)).toBeGreaterThanOrEqual(Date.parse(turn.startedAt));
    expect(turn.agentName).toBe("Su Su");
    expect(turn.credits.charged).toBeGreaterThan(0);
    expect(turn.credits.costMicroUsd).toBeGreaterThan(0);
  }
  expect(data.reduce((sum, turn) => sum + turn.credits.charged, 0)).toBe(await usedOf(shop));
});
