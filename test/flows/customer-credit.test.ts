import { afterAll, beforeAll, expect, test } from "vitest";

import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { rowsOf } from "../support/outside.ts";
import {
  askForSummary,
  decide,
  getOrder,
  hearsOnce,
  openStory,
  place,
  slip,
  stockOf,
  underReview,
} from "../support/order-story.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

type Credit = {
  balances: { amountMinor: number }[];
  data: { kind: string; amount: { amountMinor: number } }[];
};

test("a surplus is kept, taken off the next order in its summary, and given back when that ends", async () => {
  const story = await openStory(house);
  const { owner, customer } = story;
  const first = await place(story);
  await customer.sendSlip(slip({ amountMinor: 97_500 }));
  await decide(owner, await underReview(owner, first.id), "confirm-payment");
  const kept = await decide(owner, first, "refund", { as: "credit" });
  expect(kept).toMatchObject({ paymentState: "paid", refundOwed: { amountMinor: 0 } });
  await hearsOnce(customer, "as your credit");

  const second = await place(story);
  await hearsOnce(customer, "Your credit: -47,500 MMK");
  await hearsOnce(customer, "Your credit with the shop has paid it (47,500 MMK)");
  expect(await getOrder(owner, second.id)).toMatchObject({
    paymentState: "paid",
    credit: { amountMinor: 47_500 },
    total: { amountMinor: 0 },
  });
  expect(await stockOf(story)).toEqual({ onHand: 3, reserved: 0 });
  const { customerId } = await owner.get<{ customerId: string }>(`/v1/orders/${second.id}`);
  const path = `/v1/customers/${customerId}/credit`;
  expect((await owner.get<Credit>(path)).balances).toMatchObject([{ amountMinor: 2_500 }]);

  await decide(owner, second, "cancel");
  await hearsOnce(customer, "Your credit of 47,500 MMK is yours again");
  const { balances, data } = await owner.get<Credit>(path);
  expect(balances).toMatchObject([{ amountMinor: 50_000 }]);
  expect(data.map(({ kind, amount }) => [kind, amount.amountMinor])).toEqual([
    ["returned", 47_500],
    ["spent", 47_500],
    ["kept", 50_000],
  ]);
  expect(await stockOf(story)).toEqual({ onHand: 4, reserved: 0 });
});

test("a summary whose credit is gone meanwhile places nothing, and another one is shown", async () => {
  const story = await openStory(house);
  const { customer, shop } = story;
  await customer.say("Hello");
  await customer.hearsText("");
  await rowsOf(
    house,
    "insert into customer_credits select shop_id, id, 'MMK', 5000 from customers where shop_id = $1",
    [shop.shopId],
  );
  const confirm = await askForSummary(customer);
  await hearsOnce(customer, "Total: 42,500 MMK");
  await rowsOf(house, "update customer_credits set balance_minor = 0 where shop_id = $1", [shop.shopId]);
  await customer.tap(confirm);
  await hearsOnce(customer, "your credit with the shop has changed");
  await hearsOnce(customer, "Total: 47,500 MMK");
  expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });
});
