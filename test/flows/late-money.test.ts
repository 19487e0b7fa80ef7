import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { eventually } from "../support/eventually.ts";
import {
  countHeard,
  decide,
  getOrder,
  hearsOnce,
  isPushed,
  openStory,
  orderBecomes,
  place,
  pushesTo,
  refusal,
  slip,
  stockOf,
  underReview,
  unmatchedSlip,
} from "../support/order-story.ts";
import type { OrderView, Story } from "../support/order-story.ts";
import { rowsOf } from "../support/outside.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

const link = ({ owner }: Story, evidenceId: string, { id }: OrderView) =>
  owner.post(`/v1/payment-evidence/${evidenceId}/match`, { orderId: id });

async function paidOrder(story: Story): Promise<OrderView> {
  const order = await place(story);
  await story.customer.sendSlip(slip());
  return decide(story.owner, await underReview(story.owner, order.id), "confirm-payment");
}

const pushed = async (story: Story, title: string) =>
  (await pushesTo(house, story.device)).filter(({ notification }) => notification.title === title).length;

describe.concurrent("money that comes late", { timeout: 60_000 }, () => {
  test("after everything was given back is owed again, and given back again", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const order = await paidOrder(story);
    await decide(owner, order, "cancel");
    await decide(owner, order, "refund");
    await customer.sendSlip(slip());
    const late = await unmatchedSlip(story);
    expect((await link(story, late.id, order)).status).toBe(200);

    const confirmed = await decide(owner, order, "confirm-payment", { evidenceId: late.id });

    expect(confirmed).toMatchObject({ paymentState: "refund_due", refundOwed: { amountMinor: 47_500 } });
    expect(await decide(owner, order, "refund")).toMatchObject({ paymentState: "refunded" });
    expect((await getOrder(owner, order.id)).payments).toHaveLength(4);
  });

  test("for an order that has ended is not forgotten: the owner is reminded every day, and sees it", async () => {
    const timings = { paymentDueMs: 1_500, expiryWarningMs: 500, reviewReminderMs: 700, shipReminderMs: 700 };
    const story = await openStory(house, { timings });
    const { owner, customer } = story;
    const order = await place(story);
    await orderBecomes(owner, order.id, { orderState: "cancelled" });
    await customer.sendSlip(slip());
    const late = await unmatchedSlip(story);
    expect((await link(story, late.id, order)).status).toBe(200);

    await eventually("reminded twice", async () => (await pushed(story, "Payment still waiting")) >= 2);

    const { reviewSince } = await owner.get<{ reviewSince: string | null }>(`/v1/orders/${order.id}`);
    expect(reviewSince).not.toBeNull();
    expect(await decide(owner, order, "refuse-payment", { evidenceId: late.id })).toMatchObject({
      paymentState: "none",
    });
    expect(await countHeard(customer, "has not checked your payment")).toBe(0);
  });

  test("beside a payment keeps nobody from being reminded to send the goods", async () => {
    const story = await openStory(house, { timings: { shipReminderMs: 1_000 } });
    const { owner, customer } = story;
    const order = await place(story);
    for (const _ of ["first", "second"]) await customer.sendSlip(slip());
    const reviewed = await underReview(owner, order.id, 2);
    await decide(owner, order, "confirm-payment", { evidenceId: reviewed.evidence[0]?.id });
    await isPushed(story, "Paid, not shipped");
  });

  test("as a surplus is asked for until it is given back, though the goods arrived", async () => {
    const story = await openStory(house, { timings: { shipReminderMs: 1_000 } });
    const { owner, customer } = story;
    const order = await place(story);
    await customer.sendSlip(slip({ amountMinor: 50_000 }));
    await decide(owner, await underReview(owner, order.id), "confirm-payment");
    for (const step of ["ship", "deliver"]) await decide(owner, order, step);
    const before = await pushed(story, "Refund to pay");
    await eventually("reminded", async () => (await pushed(story, "Refund to pay")) > before + 1);
    const [last] = (await pushesTo(house, story.device)).toReversed();
    expect(last?.notification.body).toContain("2,500 MMK");
    expect(await decide(owner, order, "refund")).toMatchObject({ refundOwed: { amountMinor: 0 } });
  });
});

describe.concurrent("money that is given back", { timeout: 60_000 }, () => {
  test("in full before anything was sent ends the order, and its goods are for sale again", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const order = await paidOrder(story);
    expect(await stockOf(story)).toEqual({ onHand: 4, reserved: 0 });

    const refunded = await decide(owner, order, "refund", { amountMinor: 47_500 });

    expect(refunded).toMatchObject({ orderState: "cancelled", paymentState: "refunded" });
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });
    await hearsOnce(customer, "has given back 47,500 MMK");
    await hearsOnce(customer, "had to cancel order");
  });

  test("in full while the goods are on their way leaves their arrival to be told", async () => {
    const story = await openStory(house);
    const { owner } = story;
    const order = await paidOrder(story);
    await decide(owner, order, "ship");
    expect(await decide(owner, order, "refund", { amountMinor: 47_500 })).toMatchObject({
      orderState: "placed",
      paymentState: "refunded",
    });
    expect(await decide(owner, order, "deliver")).toMatchObject({ orderState: "completed" });
  });
});

test("the amount of a slip in another currency is never taken for the shop's", async () => {
  const story = await openStory(house);
  const { owner, customer } = story;
  const order = await place(story);
  await customer.sendSlip({ ...slip({ amountMinor: 5_000 }), currency: "USD" });
  const reviewed = await underReview(owner, order.id);
  expect(reviewed.evidence).toMatchObject([{ verdict: "unreadable" }]);
  expect(await refusal(await owner.post(`/v1/orders/${order.id}/confirm-payment`, {}))).toEqual({
    status: 409,
    code: "payment.amount_unknown",
  });
  const confirmed = await decide(owner, order, "confirm-payment", { amountMinor: 47_500 });
  expect(confirmed).toMatchObject({ paymentState: "paid" });
});

test("what an owner wrote with a decision that was refused does not stay behind", async () => {
  const story = await openStory(house);
  const order = await place(story);
  const reason = { reason: "There is no slip" };
  expect((await story.owner.post(`/v1/orders/${order.id}/refuse-payment`, reason)).status).toBe(409);
  const notes = "select body from intake where shop_id = $1 and kind = 'reason'";
  expect(await rowsOf(house, notes, [story.shop.shopId])).toEqual([{ body: null }]);
});
