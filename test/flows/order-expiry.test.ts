import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { postJson, startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { eventually } from "../support/eventually.ts";
import {
  clockOf,
  countHeard,
  decide,
  getOrder,
  hearsOnce,
  isPushed,
  letExpire,
  openStory,
  orderBecomes,
  place,
  pushesTo,
  slip,
  stockOf,
  underReview,
  untilAnotherExpires,
} from "../support/order-story.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

const hour = 3_600_000;
/** Long enough to send a slip in, short enough to wait for. */
const soon = { paymentDueMs: 7_000, expiryWarningMs: 2_500, evidenceHardEndMs: hour };

describe.concurrent("an unpaid order", { timeout: 90_000 }, () => {
  test("is warned about, expires, and frees its goods", async () => {
    const story = await openStory(house, { timings: soon });
    const { owner, customer, device } = story;
    const placed = await place(story, { quantity: 2 });
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 2 });

    const warning = await customer.hearsText("is not paid yet");
    expect(warning.text).toContain(`#${placed.number}`);
    expect(await getOrder(owner, placed.id)).toMatchObject({ orderState: "placed" });
    const expired = await orderBecomes(owner, placed.id, { orderState: "cancelled" });

    expect(expired).toMatchObject({ paymentState: "none", cancelReason: "expired" });
    expect(expired.events.map(({ type }) => type)).toEqual([
      "placed",
      "expiry_warned",
      "expired",
      "cancelled",
    ]);
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });
    await hearsOnce(customer, `No payment came for order #${placed.number}`);
    expect(await countHeard(customer, "is not paid yet")).toBe(1);
    await isPushed(story, "Order ended");
    expect(await pushesTo(house, device)).toHaveLength(2);
  });

  test("that has expired takes no slip: it becomes unmatched evidence", async () => {
    const story = await openStory(house, { timings: { paymentDueMs: 1_000, expiryWarningMs: 500 } });
    const { owner, customer } = story;
    const placed = await place(story);
    await orderBecomes(owner, placed.id, { orderState: "cancelled" });

    await customer.sendSlip(slip());

    await hearsOnce(customer, "I could not find an order of yours");
    await isPushed(story, "Slip without an order");
    const { data } = await owner.get<{ data: object[] }>("/v1/payment-evidence?state=unmatched");
    expect(data).toMatchObject([{ orderId: null, state: "unmatched" }]);
    expect(await getOrder(owner, placed.id)).toMatchObject({ orderState: "cancelled", evidence: [] });
  });

  test("never expires while a slip waits for the owner", async () => {
    const story = await openStory(house, { timings: soon });
    const { owner, customer } = story;
    const placed = await place(story);
    await customer.sendSlip(slip());
    await underReview(owner, placed.id);

    await untilAnotherExpires(story);

    expect(await getOrder(owner, placed.id)).toMatchObject({
      orderState: "placed",
      paymentState: "under_review",
    });
    expect(await countHeard(customer, "is not paid yet")).toBe(0);
  });

  test("never expires once money has arrived", async () => {
    const story = await openStory(house, { timings: soon });
    const { owner, customer } = story;
    const placed = await place(story);
    await customer.sendSlip(slip({ amountMinor: 20_000 }));
    await decide(owner, await underReview(owner, placed.id), "confirm-payment");

    await untilAnotherExpires(story);

    expect(await getOrder(owner, placed.id)).toMatchObject({
      orderState: "placed",
      paymentState: "part_paid",
    });
  });

  test("keeps its goods until the hard end while the customer is asked which order a slip is for", async () => {
    const story = await openStory(house, { timings: { paymentDueMs: hour } });
    const { owner, customer } = story;
    const both = [await place(story), await place(story)];
    await customer.sendSlip(slip());
    await customer.hearsText("Which order is this payment for?");

    for (const order of both) await letExpire(story, order);

    for (const order of both) {
      await eventually("it waits for the hard end", async () => {
        const { dueAt, hardEndAt } = await clockOf(story, order);
        return dueAt.getTime() === hardEndAt?.getTime();
      });
      expect(await getOrder(owner, order.id)).toMatchObject({ orderState: "placed", paymentState: "due" });
    }
  });

  test("stops its clock at most three times", async () => {
    const story = await openStory(house, { timings: { paymentDueMs: hour, expiryWarningMs: 1_000 } });
    const { owner, customer } = story;
    const placed = await place(story);
    for (const stops of [1, 2, 3, 3]) {
      await customer.sendSlip(slip());
      const order = await underReview(owner, placed.id);
      const clock = await clockOf(story, order);
      expect(clock.stops).toBe(stops);
      await decide(owner, order, "refuse-payment");
    }
    const [before, after] = [await clockOf(story, placed), await getOrder(owner, placed.id)];
    expect(before).toMatchObject({ stoppedAt: null, stops: 3 });
    expect(after.evidence.filter(({ state }) => state === "refused")).toHaveLength(4);
  });

  test("is waited for until the hard end only, however often its clock was stopped", async () => {
    const timings = { paymentDueMs: hour, expiryWarningMs: 1_500, evidenceHardEndMs: 9_000 };
    const story = await openStory(house, { timings });
    const { owner, customer } = story;
    const placed = await place(story);
    await customer.sendSlip(slip());
    await decide(owner, await underReview(owner, placed.id), "refuse-payment");

    const expired = await orderBecomes(owner, placed.id, { orderState: "cancelled" });

    expect(expired).toMatchObject({ cancelReason: "expired" });
    expect((await clockOf(story, placed)).dueAt.getTime()).toBeGreaterThan(Date.now());
    await hearsOnce(customer, "is not paid yet");
  });

  test("that was under review at the hard end is warned about when the slip is refused", async () => {
    const timings = { paymentDueMs: hour, expiryWarningMs: 1_500, evidenceHardEndMs: 8_000 };
    const story = await openStory(house, { timings });
    const { owner, customer } = story;
    const placed = await place(story);
    await customer.sendSlip(slip());
    const order = await underReview(owner, placed.id);
    await untilAnotherExpires(story);
    expect(await getOrder(owner, placed.id)).toMatchObject({ paymentState: "under_review" });

    await decide(owner, order, "refuse-payment");

    await customer.hearsText("is not paid yet");
    expect(await getOrder(owner, placed.id)).toMatchObject({ orderState: "placed" });
    await orderBecomes(owner, placed.id, { orderState: "cancelled" });
    await hearsOnce(customer, "No payment came");
  });
});

test("does not expire over a slip that is still being read", async () => {
  const story = await openStory(house, { timings: soon });
  const { owner, customer } = story;
  const placed = await place(story);
  await customer.hearsText("is not paid yet");
  const { dueAt } = await clockOf(story, placed);
  await postJson(`${house.sim.url}/faults`, { to: "model", match: "payment_slip", delayMs: 4_000 });

  await customer.sendSlip(slip());

  const order = await underReview(owner, placed.id);
  expect(Date.now()).toBeGreaterThan(dueAt.getTime());
  expect(order).toMatchObject({ orderState: "placed", paymentState: "under_review" });
  expect(
    await eventually("the clock stands", async () => (await clockOf(story, order)).stoppedAt),
  ).not.toBeNull();
  expect((await clockOf(story, order)).hardEndAt.getTime()).toBeGreaterThan(Date.now() + hour / 2);
});
