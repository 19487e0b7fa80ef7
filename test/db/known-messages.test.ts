import { afterAll, beforeAll, expect, test } from "vitest";

import { listKnownMidHashes } from "../../db/outbox.ts";
import { newId } from "../../domain/id.ts";
import { midHash } from "../../domain/messenger/mid-hash.ts";
import { createConversationWorld } from "./conversation-world.ts";
import type { ConversationRef, ConversationWorld } from "./conversation-world.ts";

let world: ConversationWorld;
beforeAll(async () => {
  world = await createConversationWorld();
});
afterAll(() => world.close());

test("a picture that a person sent from the Page's inbox is not taken for ours", async () => {
  const ref = await world.addConversation();
  const other = await world.addConversation();
  await keep(ref, { mid: "of a person", author: "page_inbox" });
  await keep(ref, { mid: "of the customer", author: "customer" });
  await keep(other, { mid: "to another customer", author: "page_inbox" });
  const since = new Date(Date.now() - 60_000);
  const known = await world.worker.withShop(ref.shopId, (trx) => listKnownMidHashes(trx, { ...ref, since }));
  expect(known).toEqual([midHash("1", "of a person")]);
});

async function keep(
  { shopId, customerId }: ConversationRef,
  { mid, author }: { mid: string; author: "page_inbox" | "customer" },
): Promise<void> {
  await world.owner.query(
    `insert into messages (shop_id, id, customer_id, direction, author, kind, mid_hash, occurred_at, received_at)
      values ($1, $2, $3, $4, $5, 'image', $6, now(), now())`,
    [shopId, newId(), customerId, author === "customer" ? "in" : "out", author, midHash("1", mid)],
  );
}
