import { afterAll, beforeAll, expect, test } from "vitest";

import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import {
  decide,
  getOrder,
  hearsOnce,
  isPushed,
  openStory,
  place,
  slip,
  underReview,
} from "../support/order-story.ts";
import type { EvidenceView } from "../support/order-story.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

test("a slip whose reference looks like a card is asked for again and confirmed by the owner; no payment is lost", async () => {
  const story = await openStory(house);
  const { owner, customer } = story;
  const placed = await place(story);
  await customer.sendSlip(slip({ reference: "4111111111111111" }));
  await hearsOnce(customer, "I cannot read this slip");
  const order = await underReview(owner, placed.id);
  expect(order.evidence).toMatchObject([{ state: "undecided", verdict: "unreadable" }]);
  await isPushed(story, "Payment to check");
  const evidence = await owner.get<EvidenceView>(`/v1/payment-evidence/${order.evidence[0]?.id}`);
  expect(evidence.reading).toMatchObject({ amountMinor: 47_500, reference: null });

  expect(await decide(owner, order, "confirm-payment", { reference: "A-4711" })).toMatchObject({
    paymentState: "paid",
  });
  expect((await getOrder(owner, order.id)).payments).toMatchObject([{ amount: { amountMinor: 47_500 } }]);
});
