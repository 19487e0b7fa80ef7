import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { eventually } from "../support/eventually.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { addDevice, openStory, place, pushesTo } from "../support/order-story.ts";
import { Outside, rowsOf } from "../support/outside.ts";

let house: House;
let outside: Outside;
beforeAll(async () => {
  house = await startHouse();
  outside = new Outside(house);
});
afterEach(() => outside.calm());
afterAll(() => house.close());

type PushPart = { state: string; attempts: number };

function partsOf(shopId: string): Promise<PushPart[]> {
  return rowsOf<PushPart>(house, "select state, attempts from push_parts where shop_id = $1 order by state", [
    shopId,
  ]);
}

test.each([
  ["answers 500", { status: 500 }],
  ["limits the rate", { status: 429 }],
])("a notice reaches each device once when FCM %s for one of two", async (_how, fault) => {
  const story = await openStory(house);
  const { shop, owner, device } = story;
  const other = await addDevice(owner);
  await outside.arm({ to: "push", match: device, times: null, ...fault });
  await place(story);
  await eventually("one device has it, the other waits", async () => {
    const parts = await partsOf(shop.shopId);
    return parts.map(({ state }) => state).join() === "queued,sent" && parts[0]?.attempts === 1;
  });
  expect(await pushesTo(house, device)).toEqual([]);

  await outside.calm();
  await rowsOf(
    house,
    "update push_parts set next_attempt_at = now() where shop_id = $1 and state = 'queued'",
    [shop.shopId],
  );
  await eventually("both have it", async () =>
    (await partsOf(shop.shopId)).every(({ state }) => state === "sent"),
  );
  for (const token of [device, other]) expect(await pushesTo(house, token)).toHaveLength(1);
});
