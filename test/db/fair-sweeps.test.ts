import { afterAll, beforeAll, expect, test } from "vitest";

import { openSystemDatabase } from "../../db/system-database.ts";
import type { SystemDatabase } from "../../db/system-database.ts";
import { listConversationsToRing, listConversationsToSend } from "../../db/system-sweeps.ts";
import { newId } from "../../domain/id.ts";
import { createConversationWorld } from "./conversation-world.ts";
import type { ConversationRef, ConversationWorld } from "./conversation-world.ts";

const now = new Date();
let world: ConversationWorld;
let system: SystemDatabase;
let flooded: ConversationRef[];
let quiet: ConversationRef;

beforeAll(async () => {
  world = await createConversationWorld();
  system = openSystemDatabase({ url: world.urls.system, maxConnections: 2, name: "test" });
  flooded = await Promise.all([1, 2, 3].map(() => world.addConversation()));
  quiet = await world.addConversation(await world.addShop());
  for (const [index, ref] of [...flooded, quiet].entries()) await takeIn(ref, 600 - index);
});
afterAll(async () => {
  await system.close();
  await world.close();
});

test("the settler sees another shop's conversation before the second one of a flood", async () => {
  const due = await listConversationsToSend(system, { now, leaseMs: 20_000, limit: 3 });
  expect(due.map(({ customerId }) => customerId)).toEqual(inTurn());
});

test("the sweeper rings for another shop's conversation before the second one of a flood", async () => {
  const due = await listConversationsToRing(system, { now, waitedMs: 0, limit: 3 });
  expect(due.map(({ customerId }) => customerId)).toEqual(inTurn());
});

function inTurn(): string[] {
  const [longest, second] = flooded.map(({ customerId }) => customerId);
  return [longest, quiet.customerId, second].map(String);
}

/** Words of the customer and of the owner, which wait for so long. */
async function takeIn({ shopId, customerId }: ConversationRef, seconds: number): Promise<void> {
  const at = new Date(now.getTime() - seconds * 1_000);
  await world.owner.query(
    `insert into intake (shop_id, id, kind, customer_id, event_key, occurred_at, received_at)
      select $1, given.id, given.kind, $3, given.id::text::bytea, $4, $4
      from unnest($2::uuid[], '{message,owner_message}'::text[]) as given (id, kind)`,
    [shopId, [newId(), newId()], customerId, at],
  );
}
