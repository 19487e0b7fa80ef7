import { afterAll, beforeAll, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import type { CustomerId } from "../../domain/id.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { onlyCustomer, Outside, rowsOf, settled } from "../support/outside.ts";
import { Customer, Owner } from "../support/people.ts";

let house: House;
let outside: Outside;

beforeAll(async () => {
  house = await startHouse();
  outside = new Outside(house);
});
afterAll(() => house.close());

test("an owner's message goes out while another shop's sends all hang", async () => {
  const flooded = await openTestShop(house);
  const quiet = await openTestShop(house);
  const crowd = Array.from({ length: 10 }, () => new Customer(house, flooded));
  const customer = new Customer(house, quiet);
  await Promise.all([...crowd, customer].map((person) => person.say("What are your opening hours?")));
  await settled(house, flooded.shopId, 60_000);
  await settled(house, quiet.shopId);
  const customerId = await onlyCustomer(house, quiet.shopId);

  await outside.arm({ to: "graph", match: "We close early", hang: true, times: null });
  const floodedOwner = new Owner(house, flooded);
  for (const id of await customersOf(flooded)) await write(floodedOwner, id, "We close early");
  await eventually("the flood's sends hang", async () => (await countSending(flooded)) >= 2);

  await write(new Owner(house, quiet), customerId, "I am here myself");
  await customer.hearsText("I am here myself", 4_000); // a send that hangs ends after eight seconds
  expect(await countSending(flooded)).toBeLessThanOrEqual(2);
  await outside.calm();
  await settled(house, flooded.shopId, 60_000);
}, 180_000);

async function write(owner: Owner, customerId: CustomerId, text: string): Promise<void> {
  const path = `/v1/conversations/${toTypeId("cus", customerId)}/messages`;
  expect((await owner.post(path, { text })).status).toBeLessThan(300);
}

async function customersOf({ shopId }: TestShop): Promise<CustomerId[]> {
  const rows = await rowsOf<{ id: CustomerId }>(house, "select id from customers where shop_id = $1", [
    shopId,
  ]);
  return rows.map(({ id }) => id);
}

async function countSending({ shopId }: TestShop): Promise<number> {
  const sql = "select id from outbox where shop_id = $1 and state = 'sending'";
  return (await rowsOf(house, sql, [shopId])).length;
}
