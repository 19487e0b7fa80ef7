import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
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
} from "../support/order-story.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

const byCash = { method: "Cash on delivery" };

describe.concurrent("cash on delivery", { timeout: 60_000 }, () => {
  test("is accepted by the owner, and delivered makes it paid, once", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const placed = await place(story, byCash);
    expect(placed).toMatchObject({ paymentState: "cod_due", balance: { amountMinor: 47_500 } });
    await isPushed(story, "Cash on delivery to accept");

    await decide(owner, placed, "accept-cash-on-delivery");
    await hearsOnce(customer, `the shop has accepted order #${placed.number}`);
    expect(await stockOf(story)).toEqual({ onHand: 4, reserved: 0 });
    await decide(owner, placed, "ship");
    expect(await getOrder(owner, placed.id)).toMatchObject({ paymentState: "cod_due", payments: [] });

    const path = `/v1/orders/${placed.id}/deliver`;
    const clicks = await Promise.all([owner.post(path), owner.post(path), owner.post(path)]);

    for (const answer of clicks) {
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ paymentState: "paid", orderState: "completed" });
    }
    expect((await getOrder(owner, placed.id)).payments).toMatchObject([
      { kind: "cash", amount: { amountMinor: 47_500 } },
    ]);
    await hearsOnce(customer, "has been delivered");
    await hearsOnce(customer, "Payment received");
    expect((await customer.hearsText("Payment received")).text).not.toMatch(/on its way|being prepared/); // it is there
    expect(await stockOf(story)).toEqual({ onHand: 4, reserved: 0 });
  });

  test("that nobody accepts in time is cancelled, and both are told", async () => {
    const story = await openStory(house, { timings: { codAcceptMs: 2_500 } });
    const { owner, customer, device } = story;
    const placed = await place(story, byCash);
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 1 });

    const ended = await orderBecomes(owner, placed.id, { orderState: "cancelled" });

    expect(ended).toMatchObject({ paymentState: "none", cancelReason: "cod_not_accepted" });
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });
    await hearsOnce(customer, "could not accept order");
    await isPushed(story, "Order ended");
    expect(await pushesTo(house, device)).toHaveLength(2);
    const late = await owner.post(`/v1/orders/${placed.id}/accept-cash-on-delivery`);
    expect(await refusal(late)).toEqual({ status: 409, code: "order.cancelled" });
  });

  test("that is accepted is not cancelled by the deadline, however often it is accepted", async () => {
    const story = await openStory(house, { timings: { codAcceptMs: 4_000 } });
    const { owner, customer } = story;
    const first = await place(story, byCash);
    const path = `/v1/orders/${first.id}/accept-cash-on-delivery`;
    const key = crypto.randomUUID();
    const answers = await Promise.all([owner.post(path, {}, key), owner.post(path)]);
    for (const answer of [...answers, await owner.post(path, {}, key)]) expect(answer.status).toBe(200);
    const second = await place(story, byCash);
    await orderBecomes(owner, second.id, { orderState: "cancelled" });

    expect(await getOrder(owner, first.id)).toMatchObject({ orderState: "placed", isCodAccepted: true });
    expect(await stockOf(story)).toEqual({ onHand: 4, reserved: 0 });
    expect(await countHeard(customer, `accepted order #${first.number}`)).toBe(1);
  });

  test("waits for no slip: one that comes is unmatched, and a transfer cannot be confirmed", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const placed = await place(story, byCash);

    await customer.sendSlip(slip());

    await hearsOnce(customer, "I could not find an order of yours");
    const answer = await owner.post(`/v1/orders/${placed.id}/confirm-payment`, { amountMinor: 47_500 });
    expect(await refusal(answer)).toEqual({ status: 409, code: "order.not_paid_by_transfer" });
    const early = await owner.post(`/v1/orders/${placed.id}/ship`);
    expect(await refusal(early)).toEqual({ status: 409, code: "order.not_paid" });
  });
});
