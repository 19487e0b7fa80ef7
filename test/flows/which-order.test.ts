import { afterAll, beforeAll, expect, test } from "vitest";

import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import {
  decide,
  getOrder,
  hearsOnce,
  openStory,
  place,
  slip,
  underReview,
  unmatchedSlip,
} from "../support/order-story.ts";
import type { EvidenceView, OrderView, Story } from "../support/order-story.ts";
import { settled } from "../support/outside.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

type Asked = Story & { first: OrderView; second: OrderView; evidence: EvidenceView };

/** A customer with two orders that wait for payment, who was asked for which of them a slip is. */
async function openAsked(): Promise<Asked> {
  const story = await openStory(house);
  const [first, second] = [await place(story), await place(story)];
  await story.customer.sendSlip(slip());
  return { ...story, first, second, evidence: await unmatchedSlip(story) };
}

async function tapOn({ customer }: Story, { number }: OrderView): Promise<void> {
  const { quickReplies = [] } = await customer.hearsText("Which order is this payment for?");
  await customer.tap(quickReplies.find(({ title }) => title === `Order #${number}`)?.payload ?? "");
}

test.each([
  ["refused", "refuse", { reason: "not ours" }, "could not accept the payment slip"],
  ["given back", "return", {}, "has given back"],
])("who taps after the slip was %s is told that it is dealt with", async (_how, verb, body, told) => {
  const story = await openAsked();
  const { owner, customer, first, evidence } = story;
  expect((await owner.post(`/v1/payment-evidence/${evidence.id}/${verb}`, body)).status).toBe(200);
  await customer.hearsText(told);

  await tapOn(story, first);

  await hearsOnce(customer, "has been dealt with already");
  expect(await getOrder(owner, first.id)).toMatchObject({ paymentState: "due", evidence: [] });
});

test("who taps on an order that was paid meanwhile is told that the shop looks at the slip", async () => {
  const story = await openAsked();
  const { owner, customer, first } = story;
  await decide(owner, first, "confirm-payment", { amountMinor: 47_500 });

  await tapOn(story, first);

  await hearsOnce(customer, "I have passed your slip on to the shop");
  expect(await unmatchedSlip(story)).toMatchObject({ state: "unmatched", orderId: null });
});

test("who taps on the other order afterwards is told that the slip is dealt with", async () => {
  const story = await openAsked();
  const { owner, customer, first, second } = story;
  await tapOn(story, first);
  await underReview(owner, first.id);

  await tapOn(story, second);

  await hearsOnce(customer, "has been dealt with already");
  expect(await getOrder(owner, second.id)).toMatchObject({ paymentState: "due", evidence: [] });
});

test("who taps again on the order to which the slip was linked hears nothing, also when it is paid", async () => {
  const story = await openAsked();
  const { owner, customer, shop, first } = story;
  await tapOn(story, first);
  await decide(owner, await underReview(owner, first.id), "confirm-payment");
  await customer.hearsText("Payment received");
  await settled(house, shop.shopId);
  const heard = await customer.received();

  await tapOn(story, first);

  await settled(house, shop.shopId);
  expect(await customer.received()).toEqual(heard);
});
