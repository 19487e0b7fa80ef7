import { afterAll, beforeAll, expect, test } from "vitest";

import { acquireSendLease, lockConversation, releaseIdleLease } from "../../db/conversations.ts";
import { enqueueMessage } from "../../db/outbox.ts";
import { newId } from "../../domain/id.ts";
import type { MessageId } from "../../domain/id.ts";
import { createConversationWorld, notSealed } from "./conversation-world.ts";
import type { ConversationRef, ConversationWorld } from "./conversation-world.ts";

const leaseMs = 60_000;

let world: ConversationWorld;
beforeAll(async () => {
  world = await createConversationWorld();
});
afterAll(() => world.close());

test("a sender gives its lease back when nothing waits for it", async () => {
  const sender = await takeLease();
  expect(await release(sender)).toBe(true);
  expect(await leaseOwner(sender)).toBe(null);
});

test("a sender that lost its lease takes none from the next one", async () => {
  const sender = await takeLease();
  expect(await release({ ...sender, owner: newId<string>() })).toBe(false);
  expect(await leaseOwner(sender)).toBe(sender.owner);
});

test("a sender keeps its lease while a part is open", async () => {
  const sender = await takeLease();
  await world.worker.withShop(sender.shopId, async (trx) => {
    await lockConversation(trx, sender);
    const parts = [{ id: newId<MessageId>(), kind: "text", body: notSealed("text") }];
    const { owner: _, ...ref } = sender;
    const now = new Date();
    await enqueueMessage(trx, { ...ref, audience: "chat", author: "agent", businessKey: "a", parts, now });
  });
  expect(await release(sender)).toBe(false);
  expect(await leaseOwner(sender)).toBe(sender.owner);
});

test("a sender keeps its lease while a receipt waits", async () => {
  const sender = await takeLease();
  await world.owner.query(
    "insert into receipts (shop_id, id, customer_id, kind, occurred_at, received_at) values ($1, $2, $3, 'read', now(), now())",
    [sender.shopId, newId(), sender.customerId],
  );
  expect(await release(sender)).toBe(false);
});

test.each([
  ["an owner's message", "owner_message", null],
  ["a copy of another app's thread", "message", "words"],
])("a sender keeps its lease while %s waits", async (_what, kind, standby) => {
  const sender = await takeLease();
  await world.owner.query(
    `insert into intake (shop_id, id, kind, customer_id, event_key, standby, occurred_at, received_at)
      values ($1, $2, $3, $4, $5, $6, now(), now())`,
    [sender.shopId, newId(), kind, sender.customerId, Buffer.from(sender.customerId), standby],
  );
  expect(await release(sender)).toBe(false);
});

type Sender = ConversationRef & { owner: string };

async function takeLease(): Promise<Sender> {
  const sender = { ...(await world.addConversation()), owner: newId<string>() };
  await world.worker.withShop(sender.shopId, (trx) => acquireSendLease(trx, { ...sender, leaseMs }));
  return sender;
}

function release(sender: Sender): Promise<boolean> {
  return world.worker.withShop(sender.shopId, async (trx) => {
    await lockConversation(trx, sender);
    return releaseIdleLease(trx, sender);
  });
}

async function leaseOwner({ customerId }: Sender): Promise<unknown> {
  const { rows } = await world.owner.query<{ lease_owner: string | null }>(
    "select lease_owner from conversations where customer_id = $1",
    [customerId],
  );
  return rows[0]?.lease_owner;
}
