import { afterAll, beforeAll, expect, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { Customer } from "../support/people.ts";
import { askForSummary, countHeard, decide, listOrders, openStory, stockOf } from "../support/order-story.ts";
import { rowsOf } from "../support/outside.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

const threeDresses = [
  { name: "Red Dress", description: "Silk", options: [{ name: "M", priceMinor: 45_000, stock: 3 }] },
];

test("the last 3 pieces go to 3 of 20 customers who confirm at once; the others are told", async () => {
  const story = await openStory(house, { products: threeDresses });
  const customers = Array.from({ length: 20 }, () => new Customer(house, story.shop));
  const summaries: string[] = [];
  for (const five of [0, 5, 10, 15].map((from) => customers.slice(from, from + 5))) {
    summaries.push(...(await Promise.all(five.map((customer) => askForSummary(customer)))));
  }

  await Promise.all(customers.map((customer, index) => customer.tap(summaries[index] ?? "")));

  const answers = await Promise.all(
    customers.map((customer) =>
      customer.hearsText(/order #\S+ is placed|not enough in stock any more/, 40_000),
    ),
  );
  const placed = answers.filter(({ text = "" }) => text.includes("is placed"));
  expect(placed).toHaveLength(3);
  expect(answers.filter(({ text = "" }) => text.includes("Red Dress (M): sold out"))).toHaveLength(17);
  const orders = await listOrders(story.owner);
  expect(orders.map(({ orderState }) => orderState)).toEqual(["placed", "placed", "placed"]);
  expect(new Set(orders.map(({ number }) => number)).size).toBe(3);
  expect(await stockOf(story)).toEqual({ onHand: 3, reserved: 3 });
  const moves =
    "select kind, count(*)::int as count from stock_moves where shop_id = $1 group by kind order by kind";
  expect(await rowsOf(house, moves, [story.shop.shopId])).toEqual([
    { kind: "initial", count: 1 },
    { kind: "reserve", count: 3 },
  ]);
  for (const customer of customers) expect(await countHeard(customer, "I could not answer")).toBe(0);
}, 90_000);

test("shows a new summary when the price changed after the customer saw it, and places nothing", async () => {
  const story = await openStory(house);
  const { customer, owner, shop } = story;
  const old = await askForSummary(customer);
  await rowsOf(house, "update variants set price_minor = 46000 where shop_id = $1", [shop.shopId]);

  await customer.tap(old);

  await customer.hearsText("a price has changed");
  expect(await listOrders(owner)).toEqual([]);
  expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });
  const renewed = await eventually("a new summary", async () => {
    const payload = await customer.offered("confirm:");
    return payload !== old && payload;
  });
  await customer.tap(old);
  await customer.hearsText("no longer valid");
  expect(await listOrders(owner)).toEqual([]);
  await customer.tap(
    await eventually("the newest summary", async () => {
      const payload = await customer.offered("confirm:");
      return payload !== renewed && payload;
    }),
  );
  await customer.hearsText(/order #\S+ is placed/);
  expect((await listOrders(owner))[0]).toMatchObject({ total: { amountMinor: 48_500 } });
});

test("a second tap on the button places no second order", async () => {
  const story = await openStory(house);
  const { customer, owner } = story;
  const confirm = await askForSummary(customer);
  await Promise.all([customer.tap(confirm), customer.tap(confirm)]);
  await customer.hearsText(/order #\S+ is placed/);

  await customer.tap(confirm);

  await customer.hearsText("This order is already placed.");
  expect(await listOrders(owner)).toHaveLength(1);
  expect(await countHeard(customer, " is placed.")).toBe(1);
  expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 1 });
});

test("what is freed can be sold again, and sold goods stay gone", async () => {
  const story = await openStory(house, { products: threeDresses });
  const { customer, owner } = story;
  await customer.tap(await askForSummary(customer, { quantity: 3, method: "Cash on delivery" }));
  await customer.hearsText(/order #\S+ is placed/);
  const late = new Customer(house, story.shop);
  await late.say("I want to buy 3 Red Dress");
  await late.hearsText(/sold out|left|not enough|stock/i);
  const [first] = await listOrders(owner);
  await decide(owner, first ?? { id: "" }, "cancel");
  expect(await stockOf(story)).toEqual({ onHand: 3, reserved: 0 });

  await late.tap(await askForSummary(late, { quantity: 3, method: "Cash on delivery" }));
  await late.hearsText(/order #\S+ is placed/);
  const second = (await listOrders(owner)).find(({ orderState }) => orderState === "placed");
  await decide(owner, second ?? { id: "" }, "accept-cash-on-delivery");

  expect(await stockOf(story)).toEqual({ onHand: 0, reserved: 0 });
});
