import { afterAll, beforeAll, expect, test } from "vitest";

import { decideOrder } from "../../activities/order/decide-order.ts";
import { findCreditBalance, postCustomerCredit } from "../../db/customer-credits.ts";
import type { CreditLineKind } from "../../db/schema/orders.ts";
import type { CustomerId } from "../../domain/id.ts";
import { createGatewayWorld } from "./gateway-world.ts";
import type { GatewayOrder, GatewayWorld } from "./gateway-world.ts";

let world: GatewayWorld;
beforeAll(async () => {
  world = await createGatewayWorld();
});
afterAll(() => world.close());

function post(order: GatewayOrder, kind: CreditLineKind, amountMinor: number, key: string) {
  return world.worker.withShop(order.shopId, (trx) =>
    postCustomerCredit(trx, {
      shopId: order.shopId,
      customerId: order.customerId as CustomerId,
      orderId: order.orderId,
      kind,
      amountMinor,
      currency: "MMK",
      effectKey: `${order.orderId}:${key}`,
      recordedBy: null,
      now: world.deps.clock.now(),
    }),
  );
}

function balanceOf({ shopId, customerId }: GatewayOrder): Promise<number> {
  return world.worker.withShop(shopId, (trx) =>
    findCreditBalance(trx, { shopId, customerId: customerId as CustomerId, currency: "MMK" }),
  );
}

/** Placed a moment ago: of a credit of 3,000 it took 2,000 off. */
async function addReduced(): Promise<GatewayOrder> {
  const order = await world.addGatewayOrder();
  await world.rows("update orders set total_minor = 9000, credit_minor = 2000 where id = $1", [
    order.orderId,
  ]);
  await world.rows("update gateway_payments set amount_minor = 9000 where owner_id = $1", [order.orderId]);
  await post(order, "kept", 3_000, "kept");
  await post(order, "spent", 2_000, "spent");
  return order;
}

async function expire({ shopId, orderId }: GatewayOrder) {
  const past = new Date(world.deps.clock.now().getTime() - 1_000);
  await world.rows("update orders set payment_due_at = $2, expiry_warned_at = $3 where id = $1", [
    orderId,
    past,
    new Date(past.getTime() - 24 * 3_600_000),
  ]);
  await world.activities.expireOrder({ shopId, orderId });
}

/** Asks for its code, whatever became of the order, and pays it. */
async function payLate(order: GatewayOrder): Promise<void> {
  const [row] = await world.rows<{ number: string }>(
    "select merchant_order_id as number from gateway_payments where owner_id = $1",
    [order.orderId],
  );
  const payment = (await world.wallet()).find(({ merchantOrderId }) => merchantOrderId === row?.number);
  if (payment === undefined) throw new Error("no code was asked for");
  await world.sendCallback(await world.pay(payment, true), { total_amount: "9000" });
  await world.look(4);
}

async function stateOf({ orderId }: GatewayOrder) {
  const [row] = await world.rows<{ order: string; payment: string }>(
    `select order_state as "order", payment_state as payment from orders where id = $1`,
    [orderId],
  );
  return row;
}

test("an order that expires gives its credit back, once", async () => {
  const order = await addReduced();
  await expire(order);
  expect(await stateOf(order)).toMatchObject({ order: "cancelled" });
  expect(await balanceOf(order)).toBe(3_000);
  await expire(order);
  expect(await balanceOf(order)).toBe(3_000);
});

test("one that late money opens again takes it once more", async () => {
  const order = await addReduced();
  await world.look(2);
  await expire(order);
  await payLate(order);
  expect(await stateOf(order)).toEqual({ order: "placed", payment: "paid" });
  expect(await balanceOf(order)).toBe(1_000);
});

test("whose credit is spent meanwhile, the late money is owed, and nothing goes below zero", async () => {
  const order = await addReduced();
  await world.look(2);
  await expire(order);
  await post(order, "spent", 2_500, "another");
  await payLate(order);
  expect(await stateOf(order)).toEqual({ order: "cancelled", payment: "refund_due" });
  expect(await balanceOf(order)).toBe(500);
});

/** Its price is 11,000. */
async function addOverpaid(): Promise<GatewayOrder> {
  const order = await world.addGatewayOrder();
  await world.rows(
    "update orders set payment_state = 'paid', paid_at = now(), received_minor = 14000 where id = $1",
    [order.orderId],
  );
  await world.rows(
    `update gateway_payments set state = 'paid', paid_minor = 14000, paid_at = now(), booked_at = now(),
      next_check_at = null where owner_id = $1`,
    [order.orderId],
  );
  return order;
}

type Given = { key: string; amountMinor: number | null; asCredit: boolean };

function giveBack({ shopId, orderId }: GatewayOrder, { key, amountMinor, asCredit }: Given) {
  const request = { by: { accountId: null, apiKeyId: null }, amountMinor, effectKey: key, asCredit };
  return decideOrder(world.gatewayDeps, { shopId, orderId, name: "refundOrder", updateId: key, request });
}

test("a surplus that the provider is giving back is not kept as well", async () => {
  const order = await addOverpaid();
  expect(await giveBack(order, { key: "r1", amountMinor: 2_000, asCredit: false })).toMatchObject({
    outcome: "decided",
  });
  const kept = { amountMinor: null, asCredit: true };
  expect(await giveBack(order, { ...kept, key: "r2" })).toMatchObject({ outcome: "decided" });
  expect(await balanceOf(order)).toBe(1_000);
  expect(await giveBack(order, { ...kept, key: "r3" })).toMatchObject({ reason: "order.no_surplus" });
});

test("no more than the surplus is kept, once for each key", async () => {
  const order = await addOverpaid();
  const keep = (key: string, amountMinor: number | null) =>
    giveBack(order, { key, amountMinor, asCredit: true });
  expect(await keep("k1", 3_001)).toMatchObject({ outcome: "refused", reason: "order.refund_too_large" });
  const answers = await Promise.all([keep("k2", 2_000), keep("k2", 2_000)]);
  expect(answers.map(({ outcome }) => outcome).toSorted()).toEqual(["already", "decided"]);
  expect(await balanceOf(order)).toBe(2_000);
  expect(await keep("k3", null)).toMatchObject({ outcome: "decided", snapshot: { payment: "paid" } });
  expect(await balanceOf(order)).toBe(3_000);
  expect(await keep("k4", null)).toMatchObject({ outcome: "refused", reason: "order.no_surplus" });
});
