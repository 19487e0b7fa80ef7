import { afterAll, beforeAll, expect, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import {
  countHeard,
  getOrder,
  hearsOnce,
  openStory,
  place,
  refusal,
  slip,
  stockOf,
  underReview,
} from "../support/order-story.ts";
import { rowsOf } from "../support/outside.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

test("no payment is booked that the audit log cannot take; the same key finds it done once it can", async () => {
  const story = await openStory(house);
  const { owner, customer } = story;
  const placed = await place(story);
  await customer.sendSlip(slip());
  const order = await underReview(owner, placed.id);
  const [path, key] = [`/v1/orders/${order.id}/confirm-payment`, crypto.randomUUID()];

  await rowsOf(house, "revoke insert on audit_events from app_worker");
  const answer = await owner.postOnce(path, {}, key);
  expect(await refusal(answer)).toEqual({ status: 504, code: "decision.pending" });
  expect(await getOrder(owner, order.id)).toMatchObject({ paymentState: "under_review", payments: [] });
  expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 1 });
  expect(await countHeard(customer, "Payment received")).toBe(0);

  await rowsOf(house, "grant insert on audit_events to app_worker");
  await eventually(
    "the same key is answered",
    async () => (await owner.postOnce(path, {}, key)).status === 200,
    60_000,
  );
  expect((await getOrder(owner, order.id)).payments).toHaveLength(1);
  await hearsOnce(customer, "Payment received");
}, 120_000);
