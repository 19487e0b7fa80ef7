import { afterAll, beforeAll, expect, test } from "vitest";

import { isContactDue, isMessageDue } from "../../domain/privacy/due-records.ts";
import type { EndedOrder } from "../../domain/privacy/due-records.ts";
import { dayMs } from "../../domain/privacy/purge-rules.ts";
import type { ShopRetention } from "../../domain/privacy/purge-rules.ts";
import { retentionAt } from "../activities/retention-world.ts";
import { fc, runs } from "../support/properties.ts";
import { createRetentionWorld } from "./retention-world.ts";
import type { RetentionWorld } from "./retention-world.ts";

let world: RetentionWorld;
beforeAll(async () => {
  world = await createRetentionWorld();
});
afterAll(() => world.close());

const now = new Date("2026-07-01T00:00:00+06:30");
const ago = (ms: number) => new Date(now.getTime() - ms);
/** Most are a second around a limit. */
const age = fc
  .tuple(fc.constantFrom(7, 30, 180, 365, 730, 400, 60), fc.constantFrom(-1_000, 0, 1_000))
  .map(([days, ms]) => ago(days * dayMs + ms));
const setting = fc.constantFrom(null, 7, 30, 60, 180, 365, 730);
const shops: fc.Arbitrary<ShopRetention> = fc.record({ conversationDays: setting, disputeDays: setting });

test("what is left of conversations is what the rule of messages does not call due", async () => {
  const story = fc.record({
    shop: shops,
    chats: fc.array(fc.array(age, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(story, async ({ shop, chats }) => {
      const place = await world.addShop();
      await world.setRetention(place.shopId, shop);
      const expected: string[] = [];
      for (const times of chats) {
        const chat = await world.addConversation(place);
        const lastOfConversation = new Date(Math.max(...times.map((at) => at.getTime())));
        for (const at of times) {
          const id = await world.addMessage(chat, at);
          if (!isMessageDue({ at, lastOfConversation }, { now, shop })) expected.push(id);
        }
      }
      await retentionAt(world.system, now, { recordsAPage: 2, pagesASlice: 3 }).purge();
      const { rows } = await world.owner.query<{ id: string }>("select id from messages where shop_id = $1", [
        place.shopId,
      ]);
      expect(rows.map(({ id }) => id).toSorted()).toEqual(expected.toSorted());
    }),
    { numRuns: runs(8) },
  );
}, 60_000);

type Told = EndedOrder & { state: "placed" | "completed" | "cancelled"; isPaid: boolean };

test("orders lose name, phone and address exactly when the rule of orders calls them due", async () => {
  const order: fc.Arbitrary<Told> = fc.record({
    state: fc.constantFrom("placed", "completed", "cancelled"),
    deliveredAt: fc.option(age),
    endedAt: age,
    isOpen: fc.boolean(),
    isPaid: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(shops, fc.array(order, { minLength: 1, maxLength: 8 }), async (shop, orders) => {
      const place = await world.addShop();
      await world.setRetention(place.shopId, shop);
      const expected: Record<string, string> = {};
      for (const { state, isPaid, ...story } of orders) {
        const chat = await world.addConversation(place);
        const payment = story.isOpen ? "refund_due" : "paid";
        const paidAt = isPaid ? ago(400 * dayMs) : null;
        const id = await world.addOrder(chat, { ...story, state, payment, paidAt });
        const ended = { ...story, endedAt: state === "placed" ? null : story.endedAt };
        const isDue = isContactDue(ended, { now, shop });
        expected[id] = isDue ? (isPaid ? "emptied" : "gone") : "whole";
      }
      await retentionAt(world.system, now, { recordsAPage: 3, pagesASlice: 2 }).purge();
      const { rows } = await world.owner.query<{ id: string; is: string }>(
        "select id, case when contact is null then 'emptied' else 'whole' end as is from orders where shop_id = $1",
        [place.shopId],
      );
      const left = new Map(rows.map(({ id, is }) => [id, is]));
      for (const id of Object.keys(expected))
        expect({ [id]: left.get(id) ?? "gone" }).toEqual({ [id]: expected[id] });
    }),
    { numRuns: runs(8) },
  );
}, 60_000);
