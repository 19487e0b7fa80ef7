import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { openTestShop, startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { Outside, rowsOf, settled } from "../support/outside.ts";
import { Customer } from "../support/people.ts";

let house: House;
let outside: Outside;
beforeAll(async () => {
  house = await startHouse();
  outside = new Outside(house);
});
afterEach(() => outside.calm());
afterAll(() => house.close());

const slip = () => ({
  amountMinor: 5_000,
  currency: "MMK",
  reference: "0102",
  paidAt: new Date().toISOString(),
  payee: "",
});

test.each([
  ["answers 500", { status: 500 }],
  ["loses its answer", { dropAfter: true }],
])("a picture is fetched again when its host %s once", async (_how, fault) => {
  const customer = new Customer(house, await openTestShop(house));
  await outside.arm({ to: "cdn", ...fault });
  await customer.sendSlip(slip());
  await customer.hearsText("could not find an order"); // it was read
});

test("a picture that cannot be had is asked for twice, then the customer is told", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  const fault = await outside.arm({ to: "cdn", status: 500, times: 10 });
  await customer.sendSlip(slip());
  await customer.hearsText(/can't tell what it shows/);
  await settled(house, shop.shopId);
  expect(await outside.timesLeft(fault)).toBe(8);
  expect(await rowsOf(house, "select id from objects where shop_id = $1", [shop.shopId])).toEqual([]);
});
