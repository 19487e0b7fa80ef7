import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { decide, getOrder, openStory, place, slip, underReview } from "../support/order-story.ts";
import type { OrderView, Story } from "../support/order-story.ts";

let house: House;
let story: Story;
let order: OrderView;
beforeAll(async () => {
  house = await startHouse();
  story = await openStory(house);
  const { owner, customer } = story;
  const placed = await place(story, { quantity: 2 });
  await customer.sendSlip(slip({ amountMinor: 92_500 }));
  await decide(owner, await underReview(owner, placed.id), "confirm-payment");
  for (const verb of ["ship", "deliver"]) await decide(owner, placed, verb);
  order = await getOrder(owner, placed.id);
});
afterAll(() => house.close());

test("M:ONAMI-18 an order taken in chat has items, quantities, method, address, phone and status", () => {
  expect(order).toMatchObject({
    lines: [{ productName: "Red Dress", variantName: "M", quantity: 2, lineTotal: { amountMinor: 90_000 } }],
    deliveryFee: { amountMinor: 2_500 },
    total: { amountMinor: 92_500, currency: "MMK" },
    paymentMethod: { name: "KBZPay" },
    contact: {
      name: "Ma Hla",
      phone: "+959791234567",
      township: "Sanchaung",
      address: "No 12 Baho Road",
    },
    orderState: "completed",
    paymentState: "paid",
    fulfilmentState: "delivered",
  });
});

test("M:ONAMI-14 an order has its timeline, in order, with who did it", () => {
  expect(order.events.map(({ type, actor }) => `${actor.kind} ${type}`)).toEqual([
    "customer placed",
    "system evidence_received",
    "system evidence_judged",
    "owner payment_recorded",
    "owner paid",
    "owner shipped",
    "owner delivered",
    "owner completed",
  ]);
});

test.each(["api", "worker"] as const)(
  "M:ONAMI-14 the timeline and the ledger cannot be changed afterwards by the %s",
  async (login) => {
    const client = new Client({ connectionString: house.database.urls[login] });
    await client.connect();
    try {
      await client.query("select set_config('app.shop_id', $1, false)", [story.shop.shopId]);
      for (const table of ["order_events", "payment_entries", "stock_moves"]) {
        await expect(client.query(`update ${table} set shop_id = shop_id`)).rejects.toThrow(
          "permission denied",
        );
        // Of who is erased, and of nobody else, the worker takes it out.
        const isErased = login === "worker" && table !== "stock_moves";
        const deletion = client.query(`delete from ${table}`);
        if (isErased) expect((await deletion).rowCount).toBe(0);
        else await expect(deletion).rejects.toThrow("permission denied");
      }
      if (login === "api") return;
      const reworded = await client.query("update order_events set note = null");
      expect(reworded.rowCount).toBe(0);
    } finally {
      await client.end();
    }
  },
);
