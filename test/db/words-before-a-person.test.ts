import { afterAll, beforeAll, expect, test } from "vitest";

import { lockConversation } from "../../db/conversations.ts";
import { claimTurnIntake } from "../../db/intake-claims.ts";
import { newId } from "../../domain/id.ts";
import { createConversationWorld } from "./conversation-world.ts";
import type { ConversationRef, ConversationWorld } from "./conversation-world.ts";

let world: ConversationWorld;
beforeAll(async () => {
  world = await createConversationWorld();
});
afterAll(() => world.close());

const personAt = new Date("2026-01-01T10:00:00Z");
const before = new Date("2026-01-01T09:59:00Z");
const after = new Date("2026-01-01T10:01:00Z");

test.each(["owner", "page_inbox"])(
  "words that were said before an answer of %s, and claimed after it, are answered by it",
  async (author) => {
    const ref = await world.addConversation();
    await world.owner.query(
      `insert into messages (shop_id, id, customer_id, direction, author, kind, occurred_at, received_at)
        values ($1, $2, $3, 'out', $4, 'text', $5, $5)`,
      [ref.shopId, newId(), ref.customerId, author, personAt],
    );
    await sayLate(ref, before);
    await sayLate(ref, after);
    await world.worker.withShop(ref.shopId, async (trx) => {
      await lockConversation(trx, ref);
      await claimTurnIntake(trx, { ...ref, now: new Date() });
    });
    const { rows } = await world.owner.query(
      "select answered_at from messages where customer_id = $1 and direction = 'in' order by occurred_at",
      [ref.customerId],
    );
    expect(rows).toEqual([{ answered_at: personAt }, { answered_at: null }]);
  },
);

async function sayLate(ref: ConversationRef, at: Date): Promise<void> {
  await world.owner.query(
    `insert into intake (shop_id, id, kind, customer_id, event_key, body, occurred_at, received_at)
      values ($1, $2, 'message', $3, $4, 'words', $5, now())`,
    [ref.shopId, newId(), ref.customerId, Buffer.from(`${ref.customerId}${at.toISOString()}`), at],
  );
}
