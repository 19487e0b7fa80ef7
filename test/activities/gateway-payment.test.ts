import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { eventually } from "../support/eventually.ts";
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

async function codesOf({ orderId }: GatewayOrder): Promise<WalletPayment[]> {
  const rows = await world.rows<{ number: string }>(
    "select merchant_order_id as number from gateway_payments where owner_id = $1 order by attempt",
    [orderId],
  );
  const wallet = await world.wallet();
  return rows.flatMap(({ number }) => wallet.filter(({ merchantOrderId }) => merchantOrderId === number));
}

async function shownCode(order: GatewayOrder): Promise<WalletPayment> {
  await world.look(6);
  const payable = (await codesOf(order)).filter(({ status }) => status === "WAIT_PAY");
  expect(payable, "codes that can be paid").toHaveLength(1);
  const [payment] = payable;
  if (!payment) throw new Error("just looked at");
  return payment;
}

/** All that the product says of the order's money, wherever it stands. */
async function outcomeOf({ orderId, customerId }: GatewayOrder) {
  const [order] = await world.rows<{ order: string; payment: string; received: number }>(
    `select order_state as "order", payment_state as payment, received_minor::int as received from orders where id = $1`,
    [orderId],
  );
  const entries = await world.rows<{ amount: number }>(
    "select amount_minor::int as amount from payment_entries where order_id = $1 and kind = 'payment'",
    [orderId],
  );
  const told = await world.rows<{ key: string }>(
    "select distinct business_key as key from outbox where customer_id = $1 order by 1",
    [customerId],
  );
  const suffixes = told.map(({ key }) => key.replace(orderId, "").replace(/^:pay:.*$/u, ":pay"));
  return { ...order, booked: entries.map(({ amount }) => amount), told: suffixes };
}

const paidOnce = {
  order: "placed",
  payment: "paid",
  received: 11_000,
  booked: [11_000],
  told: [":pay", ":receipt"],
};

async function stockOf({ orderId }: GatewayOrder) {
  const [stock] = await world.rows(
    `select on_hand as "onHand", reserved from variants
      where id = (select variant_id from order_lines where order_id = $1)`,
    [orderId],
  );
  return stock;
}

test("M:MMSO-33 money counts by the provider's own word, and goes into the ledger once", async () => {
  const order = await world.addGatewayOrder();
  const payment = await shownCode(order);
  await world.sendCallback({ ...payment, transactionId: "0100000000000001" });
  await world.look();
  expect(await outcomeOf(order), "a signed callback alone").toMatchObject({ payment: "due", booked: [] });
  const paid = await world.pay(payment);
  const answer = await world.sendCallback(paid);
  expect([answer.status, await answer.text()]).toEqual([200, "success"]);
  await world.look();
  expect(await outcomeOf(order)).toEqual(paidOnce);
  expect(await stockOf(order)).toEqual({ onHand: 0, reserved: 0 });
});

test("M:MMSO-33 a payment whose callback was lost is found by asking", async () => {
  const order = await world.addGatewayOrder();
  await world.pay(await shownCode(order));
  world.passTime(10 * 60_000);
  await world.look();
  expect(await outcomeOf(order)).toEqual(paidOnce);
});

test("M:MIKY-21 the same news again and again, and beside each other, is one payment", async () => {
  const order = await world.addGatewayOrder();
  const paid = await world.pay(await shownCode(order));
  const both = await Promise.all([world.sendCallback(paid), world.sendCallback(paid)]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  await Promise.all([world.look(), world.look(), world.look()]);
  expect((await world.sendCallback(paid)).status, "once more, when all is done").toBe(200);
  await world.look(2);
  expect(await outcomeOf(order)).toEqual(paidOnce);
  const events = await world.rows(
    "select 1 from gateway_events e join gateway_payments p on p.id = e.payment_id where p.owner_id = $1",
    [order.orderId],
  );
  expect(events).toHaveLength(1);
});

test("M:MIKY-21 a callback that nobody signed is refused, and nothing of it is kept", async () => {
  const order = await world.addGatewayOrder();
  const payment = await shownCode(order);
  const forged = [
    await world.sendCallback(payment, {}, "another-key"),
    await world.sendCallback(payment, { merch_order_id: "unknown0123456789" }),
    await world.sendCallback(payment, { merch_code: "999999" }),
    await world.sendCallback(payment, {}, ""),
  ];
  expect(forged.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
  const codes = await Promise.all(
    forged.map(async (answer) => ((await answer.json()) as { code: string }).code),
  );
  expect(new Set(codes)).toEqual(new Set(["webhook.signature_invalid"]));
  const send = (body: string) => world.api.app.request("/webhooks/payments/kbzpay", { method: "POST", body });
  expect((await send("not json")).status).toBe(400);
  expect((await send(JSON.stringify({ Request: [] }))).status).toBe(400);
  expect((await send(" ".repeat(70_000))).status).toBe(413);
  const kept = await world.rows(
    "select 1 from gateway_events e join gateway_payments p on p.id = e.payment_id where p.owner_id = $1",
    [order.orderId],
  );
  expect(kept).toEqual([]);
  await world.look(2);
  expect(await outcomeOf(order)).toMatchObject({ payment: "due", booked: [] });
});

test("the amount is the provider's, whatever a callback says", async () => {
  const order = await world.addGatewayOrder();
  const paid = await world.pay(await shownCode(order));
  expect((await world.sendCallback(paid, { total_amount: "1" })).status).toBe(200);
  await world.look();
  expect(await outcomeOf(order)).toEqual(paidOnce);
});

test("a callback that comes before the answer to our own asking loses nothing", async () => {
  const order = await world.addGatewayOrder();
  await world.arm({ match: "precreate", answerDelayMs: 250 });
  const looking = world.look();
  const payment = await eventually("the wallet has it", async () => (await codesOf(order))[0]);
  const paid = await world.pay(payment);
  expect((await world.sendCallback(paid)).status).toBe(200);
  await looking;
  await world.look(3);
  expect(await outcomeOf(order)).toEqual(paidOnce);
});

const faults: [string, object][] = [
  ["hangs", { hang: true }],
  ["fails", { status: 503 }],
  ["has done it and does not answer", { dropAfter: true }],
  ["answers something else", { status: 200, body: "<html>" }],
];
test.each(
  ["precreate", "queryorder"].flatMap((call) => faults.map(([what, fault]) => [call, what, fault] as const)),
)("while %s %s there is one code to pay, and one payment", async (call, _what, fault) => {
  const order = await world.addGatewayOrder();
  await world.arm({ match: call, times: 2, ...fault });
  const payment = await shownCode(order);
  await world.pay(payment);
  await world.arm({ match: call, times: 2, ...fault });
  await world.look(5);
  expect(await outcomeOf(order)).toEqual(paidOnce);
});

const steps = [
  "gateway.claimed",
  "gateway.asking",
  "gateway.asked",
  "gateway.drawn",
  "gateway.looked",
  "gateway.paid",
  "gateway.revived",
  "order.sealed",
  "order.committed",
];
test.each(steps)("killed at %s, the payment goes on where it was", async (step) => {
  const order = await world.addGatewayOrder();
  const isLater = [
    "gateway.looked",
    "gateway.paid",
    "gateway.revived",
    "order.sealed",
    "order.committed",
  ].includes(step);
  if (!isLater) world.time.killAt = step;
  const payment = await shownCode(order);
  if (isLater) world.time.killAt = step;
  await world.pay(payment);
  await world.look(6);
  expect(world.time.killAt, "it was killed").toBeNull();
  expect(await outcomeOf(order)).toEqual(paidOnce);
});

test("while Temporal is away the money is known, and booked when it is back", async () => {
  const order = await world.addGatewayOrder();
  const payment = await shownCode(order);
  world.time.isTemporalAway = true;
  await world.sendCallback(await world.pay(payment));
  await world.look(2);
  expect(await outcomeOf(order)).toMatchObject({ payment: "due", booked: [] });
  world.time.isTemporalAway = false;
  await world.look(2);
  expect(await outcomeOf(order)).toEqual(paidOnce);
});

test("less than the total is a part payment, whose rest has a code of its own", async () => {
  const order = await world.addGatewayOrder();
  await world.rows("update gateway_payments set amount_minor = 7000 where owner_id = $1", [order.orderId]);
  await world.pay(await shownCode(order));
  await world.look(2);
  expect(await outcomeOf(order)).toMatchObject({ payment: "part_paid", booked: [7_000] });
  const rest = await shownCode(order);
  expect(rest).toMatchObject({ amount: 4_000 });
  await world.pay(rest);
  await world.look(3);
  expect(await outcomeOf(order)).toMatchObject({ payment: "paid", received: 11_000, booked: [7_000, 4_000] });
  const payments = await world.rows("select 1 from gateway_payments where owner_id = $1", [order.orderId]);
  expect(payments, "and nothing more is asked for").toHaveLength(2);
});

test("the owner's reminder of the rest brings a code again when the last one is over", async () => {
  const order = await world.addGatewayOrder();
  await world.rows("update gateway_payments set amount_minor = 7000 where owner_id = $1", [order.orderId]);
  await world.pay(await shownCode(order));
  await world.look(2);
  const first = await shownCode(order);
  const past = new Date(world.deps.clock.now().getTime() - 10 * 24 * 3_600_000);
  await world.rows("update orders set payment_due_at = $2 where id = $1", [order.orderId, past]);
  await world.activities.remindOfBalance(order);
  expect((await shownCode(order)).code, "one code at a time").toBe(first.code);
  await world.rows("update gateway_payments set expires_at = $2 where owner_id = $1 and state = 'pending'", [
    order.orderId,
    past,
  ]);
  world.passTime(10 * 60_000);
  await world.look(2);
  await world.rows("update orders set balance_reminded_at = null where id = $1", [order.orderId]);
  await world.activities.remindOfBalance(order);
  expect(await shownCode(order)).toMatchObject({ amount: 4_000 });
});

async function expire({ shopId, orderId }: GatewayOrder) {
  const past = new Date(world.deps.clock.now().getTime() - 1_000);
  await world.rows("update orders set payment_due_at = $2, expiry_warned_at = $3 where id = $1", [
    orderId,
    past,
    new Date(past.getTime() - 24 * 3_600_000),
  ]);
  await world.activities.expireOrder({ shopId, orderId });
}

test("an order that has ended closes its code at the provider", async () => {
  const order = await world.addGatewayOrder();
  const payment = await shownCode(order);
  await expire(order);
  await world.look(2);
  expect((await codesOf(order)).map(({ status }) => status)).toEqual(["ORDER_CLOSED"]);
  await expect(world.pay(payment)).resolves.toMatchObject({ code: "cannot_be_paid" });
});

test("money that comes after the order expired opens it again, if the stock is there", async () => {
  const order = await world.addGatewayOrder();
  const payment = await shownCode(order);
  await expire(order);
  await world.look(2);
  await world.sendCallback(await world.pay(payment, true));
  await world.look(3);
  const told = [":expired", ":pay", ":receipt", ":revived:1"];
  expect(await outcomeOf(order)).toEqual({ ...paidOnce, told });
  expect(await stockOf(order)).toEqual({ onHand: 0, reserved: 0 });
});

test("late money is found although the provider does not answer at first", async () => {
  const order = await world.addGatewayOrder();
  const payment = await shownCode(order);
  await expire(order);
  await world.look(4);
  await world.arm({ match: "queryorder", times: 2, status: 503 });
  await world.sendCallback(await world.pay(payment, true));
  await world.look(4);
  expect(await outcomeOf(order)).toMatchObject({ order: "placed", payment: "paid", booked: [11_000] });
});

test("late money is found although the provider still says that it is closed", async () => {
  const order = await world.addGatewayOrder();
  const payment = await shownCode(order);
  await expire(order);
  await world.look(4);
  await world.sendCallback({ ...payment, transactionId: "0100000000000001" });
  await world.look();
  await world.pay(payment, true);
  await world.look(4);
  expect(await outcomeOf(order)).toMatchObject({ order: "placed", payment: "paid", booked: [11_000] });
});

test("the same news again is a reason to look again", async () => {
  const order = await world.addGatewayOrder();
  const payment = await shownCode(order);
  await expire(order);
  await world.look(4);
  const news = { ...payment, transactionId: "0100000000000002" };
  await world.sendCallback(news);
  await world.look(20);
  expect(await nextLookOf(order), "it is done with").toBeNull();
  await world.pay(payment, true);
  await world.sendCallback(news);
  await world.look(2);
  expect(await outcomeOf(order)).toMatchObject({ order: "placed", payment: "paid", booked: [11_000] });
});

async function nextLookOf({ orderId }: GatewayOrder): Promise<Date | null | undefined> {
  const [row] = await world.rows<{ at: Date | null }>(
    "select next_check_at as at from gateway_payments where owner_id = $1",
    [orderId],
  );
  return row?.at;
}

test("money that comes after the order expired is owed to the customer, if the stock is gone", async () => {
  const order = await world.addGatewayOrder();
  const payment = await shownCode(order);
  await expire(order);
  await world.look(2);
  await world.rows(
    "update variants set on_hand = 1 where id = (select variant_id from order_lines where order_id = $1)",
    [order.orderId],
  );
  await world.sendCallback(await world.pay(payment, true));
  await world.look(3);
  const outcome = await outcomeOf(order);
  expect(outcome).toMatchObject({ order: "cancelled", payment: "refund_due", booked: [11_000] });
  expect(outcome.told.some((key) => key.endsWith(":refund_due"))).toBe(true);
  const notices = await world.rows(
    "select 1 from owner_notices where order_id = $1 and kind = 'refund_due'",
    [order.orderId],
  );
  expect(notices).toHaveLength(1);
});

test("an order whose money the provider has confirmed does not expire before it is booked", async () => {
  const order = await world.addGatewayOrder();
  const payment = await shownCode(order);
  world.time.isTemporalAway = true;
  await world.sendCallback(await world.pay(payment));
  await world.look();
  await expire(order);
  world.time.isTemporalAway = false;
  await world.look(3);
  expect(await outcomeOf(order)).toEqual(paidOnce);
});

test("a provider that refuses to open a payment is told to the owner once, and asked again", async () => {
  const order = await world.addGatewayOrder();
  const body = { Response: { result: "FAIL", code: "MERCHANT_FROZEN", msg: "frozen" } };
  await world.arm({ match: "precreate", times: 2, status: 200, body });
  await world.look(8);
  const notices = await world.rows(
    "select 1 from owner_notices where order_id = $1 and kind = 'gateway_refused'",
    [order.orderId],
  );
  expect(notices).toHaveLength(1);
  const paid = await world.pay(await shownCode(order));
  await world.sendCallback(paid);
  await world.look();
  expect(await outcomeOf(order)).toEqual(paidOnce);
});
