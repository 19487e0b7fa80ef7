import { afterAll, beforeAll, expect, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { Outside, rowsOf, settled } from "../support/outside.ts";
import { Customer } from "../support/people.ts";

let house: House;
let outside: Outside;

beforeAll(async () => {
  house = await startHouse({ worker: { activitiesAtOnce: 2 } });
  outside = new Outside(house);
});
afterAll(() => house.close());

test("one shop's flood does not keep another shop's customer waiting until it is answered", async () => {
  const flooded = await openTestShop(house);
  const quiet = await openTestShop(house);
  await outside.arm({ to: "model", delayMs: 250, times: null });
  const crowd = Array.from({ length: 30 }, () => new Customer(house, flooded));
  await Promise.all(crowd.map((customer) => customer.say("What are your opening hours?")));
  await eventually("the flood waits in the queue", async () => (await answeredIn(flooded)) >= 2);
  const customer = new Customer(house, quiet);
  await customer.say("What are your opening hours?");
  await customer.hearsText("9 to 19", 90_000);
  const before = await answeredIn(flooded);
  await outside.calm();
  await settled(house, flooded.shopId, 90_000);
  expect(await answeredIn(flooded)).toBe(30);
  expect(before).toBeLessThan(20);
}, 240_000);

/** How many turns of the shop are stored. */
async function answeredIn({ shopId }: { shopId: string }): Promise<number> {
  const rows = await rowsOf(house, "select id from turns where shop_id = $1 and state = 'stored'", [shopId]);
  return rows.length;
}
