import { afterAll, beforeAll, expect, test } from "vitest";

import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { ActivityFailures } from "../support/fail-activities.ts";
import { decide, getOrder, openStory, place, slip, underReview } from "../support/order-story.ts";
import type { Story } from "../support/order-story.ts";

let house: House;
const failures = new ActivityFailures(() => false);
beforeAll(async () => {
  house = await startHouse({
    worker: { interceptors: failures.interceptors, deps: { atStep: failures.atStep } },
  });
});
afterAll(() => house.close());

/** The decision is committed, and its result is lost. */
function loseResultOf(story: Story, name: string): void {
  failures.arm(story.shop.shopId, {
    kind: "one",
    at: [{ label: `decideOrder:${name}#1`, when: "after" }],
  });
}

test("a part confirmed without naming the slip is booked once when its result was lost", async () => {
  const story = await openStory(house);
  const { owner, customer } = story;
  const placed = await place(story);
  await customer.sendSlip(slip({ amountMinor: 20_000 }));
  await underReview(owner, placed.id);
  loseResultOf(story, "confirmPayment");

  const answer = await owner.post(`/v1/orders/${placed.id}/confirm-payment`, { amountMinor: 20_000 });

  expect(answer.status).toBe(200);
  expect(failures.struckAt(story.shop.shopId)).toHaveLength(1);
  expect(await getOrder(owner, placed.id)).toMatchObject({
    paymentState: "part_paid",
    received: { amountMinor: 20_000 },
    payments: [{ kind: "payment", amount: { amountMinor: 20_000 } }],
  });
});

test("a payment without a slip is booked once when its result was lost", async () => {
  const story = await openStory(house);
  const { owner } = story;
  const placed = await place(story);
  loseResultOf(story, "confirmPayment");

  const answer = await owner.post(`/v1/orders/${placed.id}/confirm-payment`, { amountMinor: 30_000 });

  expect(answer.status).toBe(200);
  const order = await getOrder(owner, placed.id);
  expect(order).toMatchObject({ paymentState: "part_paid", received: { amountMinor: 30_000 } });
  expect(order.events.filter(({ type }) => type === "payment_recorded")).toHaveLength(1);
});

test("a refund whose result was lost is recorded once and answered as recorded", async () => {
  const story = await openStory(house);
  const { owner, customer } = story;
  const placed = await place(story);
  await customer.sendSlip(slip());
  await decide(owner, await underReview(owner, placed.id), "confirm-payment");
  await decide(owner, placed, "cancel");
  loseResultOf(story, "refundOrder");

  const answer = await owner.post(`/v1/orders/${placed.id}/refund`, { amountMinor: 47_500 });

  expect(answer.status).toBe(200);
  expect(await getOrder(owner, placed.id)).toMatchObject({ paymentState: "refunded" });
});

test("money that was given back does not count for a part that comes later", async () => {
  const story = await openStory(house);
  const { owner } = story;
  const placed = await place(story);
  for (const [verb, amountMinor] of [
    ["confirm-payment", 40_000],
    ["refund", 40_000],
    ["confirm-payment", 10_000],
  ] as const) {
    expect((await owner.post(`/v1/orders/${placed.id}/${verb}`, { amountMinor })).status).toBe(200);
  }
  expect(await getOrder(owner, placed.id)).toMatchObject({
    paymentState: "part_paid",
    balance: { amountMinor: 37_500 },
  });
});
