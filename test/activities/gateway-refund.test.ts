import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { createGatewayWorld } from "./gateway-world.ts";
import type { GatewayOrder, GatewayWorld, WalletPayment } from "./gateway-world.ts";

let world: GatewayWorld;
beforeAll(async () => {
  world = await createGatewayWorld();
});
afterAll(() => world.close());
afterEach(async () => {
  await world.disarm();
  Object.assign(world.time, { steps: [], killAt: null, isTemporalAway: false });
});

type Paid = GatewayOrder & { number: string };

async function addPaidOrder(): Promise<Paid> {
  const order = await world.addGatewayOrder();
  await world.look();
  const [row] = await world.rows<{ number: string }>(
    "select merchant_order_id as number from gateway_payments where owner_id = $1",
    [order.orderId],
  );
  const number = row?.number ?? "";
  const payment = await walletPayment(number);
  await world.sendCallback(await world.pay(payment));
  await world.look();
  return { ...order, number };
}

async function walletPayment(number: string): Promise<WalletPayment> {
  const found = (await world.wallet()).find(({ merchantOrderId }) => merchantOrderId === number);
  if (!found) throw new Error(`the wallet does not know ${number}`);
  return found;
}

/** What went back: at the wallet, in the ledger, and by the words to the customer. */
async function outcomeOf({ orderId, customerId, number }: Paid) {
  const [order] = await world.rows<{ order: string; payment: string; refunded: number }>(
    `select order_state as "order", payment_state as payment, refunded_minor::int as refunded from orders where id = $1`,
    [orderId],
  );
  const [payment] = await world.rows<{ state: string }>(
    "select state from gateway_payments where owner_id = $1",
    [orderId],
  );
  const entries = await world.rows<{ amount: number }>(
    "select amount_minor::int as amount from payment_entries where order_id = $1 and kind = 'refund' order by recorded_at",
    [orderId],
  );
  const told = await world.rows(
    "select distinct business_key from outbox where customer_id = $1 and business_key like 'refund:%'",
    [customerId],
  );
  const { refunds } = await walletPayment(number);
  return {
    ...order,
    gateway: payment?.state,
    wallet: refunds.map(({ amount }) => amount),
    booked: entries.map(({ amount }) => amount),
    told: told.length,
  };
}

const givenBack = {
  order: "cancelled",
  payment: "refunded",
  refunded: 11_000,
  gateway: "refunded",
  wallet: [11_000],
  booked: [11_000],
  told: 1,
};

const all = { amountMinor: 11_000 };

test("the owner's refund is carried out by the provider, and told when it is done", async () => {
  const order = await addPaidOrder();
  const decided = await world.refund(order, { key: "k1", ...all });
  expect(decided).toMatchObject({ outcome: "decided", snapshot: { payment: "paid" } });
  expect(await outcomeOf(order), "until then").toMatchObject({ gateway: "refunding", wallet: [], told: 0 });
  await world.look();
  expect(await outcomeOf(order)).toEqual(givenBack);
});

test("asked for twice, by the same key or by another, it is one refund", async () => {
  const order = await addPaidOrder();
  const asked = await Promise.all(["k1", "k1", "k2"].map((key) => world.refund(order, { key, ...all })));
  const outcomes = asked.map(({ outcome, reason }) => reason ?? outcome).sort();
  expect(outcomes).toContain("decided");
  expect(outcomes.filter((outcome) => outcome === "decided")).toHaveLength(1);
  await Promise.all([world.look(), world.look()]);
  expect(await world.refund(order, { key: "k1", ...all })).toMatchObject({ outcome: "already" });
  expect(await world.refund(order, { key: "k3", ...all })).toMatchObject({
    outcome: "refused",
    reason: "order.refund_too_large",
  });
  await world.look(3);
  expect(await outcomeOf(order)).toEqual(givenBack);
});

const faults: [string, object][] = [
  ["hangs", { hang: true }],
  ["fails", { status: 503 }],
  ["has done it and does not answer", { dropAfter: true }],
  ["answers something else", { status: 200, body: "<html>" }],
];
test.each(
  ["gateway/refund", "queryorder"].flatMap((call) =>
    faults.map(([what, fault]) => [call, what, fault] as const),
  ),
)("while %s %s the money goes back once", async (call, _what, fault) => {
  const order = await addPaidOrder();
  await world.refund(order, { key: "k1", ...all });
  await world.arm({
    match: "gateway/refund",
    times: 1,
    dropAfter: true,
    ...(call === "queryorder" ? {} : fault),
  });
  if (call === "queryorder") await world.arm({ match: call, times: 2, ...fault });
  await world.look(6);
  expect(await outcomeOf(order)).toEqual(givenBack);
});

test.each([
  "refund.claimed",
  "refund.asking",
  "refund.asked",
  "refund.looked",
  "refund.done",
  "order.sealed",
  "order.committed",
])("killed at %s, the refund goes on where it was", async (step) => {
  const order = await addPaidOrder();
  await world.refund(order, { key: "k1", ...all });
  if (step === "refund.looked") await world.arm({ match: "gateway/refund", dropAfter: true });
  world.time.killAt = step;
  await world.look(6);
  expect(world.time.killAt, "it was killed").toBeNull();
  expect(await outcomeOf(order)).toEqual(givenBack);
});

test("what the provider refuses is the customer's money still: the owner hears of it and may ask again", async () => {
  const order = await addPaidOrder();
  await world.refund(order, { key: "k1", ...all });
  const body = { Response: { result: "FAIL", code: "INSUFFICIENT_BALANCE", msg: "no" } };
  await world.arm({ match: "gateway/refund", status: 200, body });
  await world.look(20);
  expect(await outcomeOf(order)).toMatchObject({
    payment: "paid",
    gateway: "paid",
    wallet: [],
    booked: [],
    told: 0,
  });
  const notices = await world.rows(
    "select 1 from owner_notices where order_id = $1 and kind = 'gateway_refused'",
    [order.orderId],
  );
  expect(notices).toHaveLength(1);
  await world.refund(order, { key: "k2", ...all });
  await world.look(2);
  expect(await outcomeOf(order)).toEqual(givenBack);
});

test("what was called refused and lands all the same goes back once, and cannot be asked for meanwhile", async () => {
  const order = await addPaidOrder();
  await world.refund(order, { key: "k1", ...all });
  const body = { Response: { result: "FAIL", code: "SYSTEM_BUSY", msg: "no" } };
  await world.arm({ match: "gateway/refund", times: 1, status: 200, body });
  await world.look(2);
  expect(await world.refund(order, { key: "k2", ...all })).toMatchObject({
    outcome: "refused",
    reason: "order.refund_too_large",
  });
  await world.landRefund(order);
  await world.look(20);
  expect(await outcomeOf(order)).toEqual(givenBack);
  const notices = await world.rows(
    "select 1 from owner_notices where order_id = $1 and kind = 'gateway_refused'",
    [order.orderId],
  );
  expect(notices, "nobody is told that it failed").toEqual([]);
});

test("parts are given back until all of it is, and never more", async () => {
  const order = await addPaidOrder();
  await world.refund(order, { key: "k1", amountMinor: 4_000 });
  await world.refund(order, { key: "k2", amountMinor: 5_000 });
  expect(await world.refund(order, { key: "k3", amountMinor: 5_000 })).toMatchObject({
    outcome: "refused",
    reason: "order.refund_too_large",
  });
  await world.look(2);
  expect(await outcomeOf(order)).toMatchObject({
    payment: "paid",
    refunded: 9_000,
    gateway: "paid",
    told: 2,
  });
  await world.refund(order, { key: "k4", amountMinor: 2_000 });
  await world.look(2);
  const outcome = await outcomeOf(order);
  expect(outcome).toMatchObject({ refunded: 11_000, gateway: "refunded", told: 3 });
  expect(outcome.wallet.toSorted((a, b) => a - b)).toEqual([2_000, 4_000, 5_000]);
});
