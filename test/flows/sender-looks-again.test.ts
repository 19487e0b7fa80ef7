import { afterAll, beforeAll, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { onlyCustomer, Outside, rowsOf } from "../support/outside.ts";
import { Customer, Owner } from "../support/people.ts";

let house: House;
let outside: Outside;

beforeAll(async () => {
  const never = 10 * 60_000;
  house = await startHouse({
    worker: { intervals: { settleMs: never, sweepMs: never, pushMs: never, scheduleMs: never } },
  });
  outside = new Outside(house);
});
afterAll(() => house.close());

test("what an owner writes while the agent's answer goes out is sent by the agent's sender", async () => {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await outside.arm({ to: "graph", match: "9 to 19", delayMs: 3_000, times: 1 });
  await customer.say("What are your opening hours?");
  const customerId = await onlyCustomer(house, shop.shopId);
  await eventually("the answer is on its way", async () => {
    const sql =
      "select id from outbox where shop_id = $1 and state = 'sending' and business_key like 'turn:%' and audience = 'chat'";
    return (await rowsOf(house, sql, [shop.shopId])).length > 0;
  });
  const owner = new Owner(house, shop);
  const path = `/v1/conversations/${toTypeId("cus", customerId)}/messages`;
  expect((await owner.post(path, { text: "I am here myself" })).status).toBeLessThan(300);
  await customer.hearsText("I am here myself", 10_000);
});
