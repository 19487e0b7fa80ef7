import { afterAll, beforeAll, expect, test } from "vitest";

import { listKnownMidHashes } from "../../db/outbox.ts";
import { newId } from "../../domain/id.ts";
import type { MessageId } from "../../domain/id.ts";
import { midHash } from "../../domain/messenger/mid-hash.ts";
import { createConversationWorld } from "./conversation-world.ts";
import type { ConversationRef, ConversationWorld } from "./conversation-world.ts";

let world: ConversationWorld;
beforeAll(async () => {
  world = await createConversationWorld();
});
afterAll(() => world.close());

const minuteMs = 60_000;
const id = newId<MessageId>();

function known(ref: ConversationRef): Promise<Buffer[]> {
  const since = new Date(Date.now() - minuteMs);
  return world.worker.withShop(ref.shopId, (trx) => listKnownMidHashes(trx, { ...ref, id, since }));
}

test("a picture that a person sent from the Page's inbox is not taken for ours", async () => {
  const ref = await world.addConversation();
  const other = await world.addConversation();
  await keep(ref, { mid: "of a person", author: "page_inbox" });
  await keep(ref, { mid: "of the customer", author: "customer" });
  await keep(other, { mid: "to another customer", author: "page_inbox" });
  expect(await known(ref)).toEqual([midHash("1", "of a person")]);
});

test("nor is one that waits in the intake, or of which only the echo is there", async () => {
  const ref = await world.addConversation();
  await world.owner.query(
    `insert into intake (shop_id, id, kind, customer_id, event_key, mid_hash, occurred_at, received_at)
      values ($1, $2, 'page_inbox', $3, 'key', $4, now(), now())`,
    [ref.shopId, newId(), ref.customerId, midHash("1", "waits")],
  );
  await echo(ref, { mid: "of another part", of: newId<MessageId>() });
  await echo(ref, { mid: "of the part itself", of: id });
  expect(new Set(await known(ref))).toEqual(
    new Set([midHash("1", "waits"), midHash("1", "of another part")]),
  );
});

test("a part that was written long ago and sent now is known", async () => {
  const ref = await world.addConversation();
  await send(ref, { mid: "sent now", sentAgoMs: 0 });
  await send(ref, { mid: "sent long ago", sentAgoMs: 60 * minuteMs });
  expect(await known(ref)).toEqual([midHash("1", "sent now")]);
});

async function echo({ shopId, customerId }: ConversationRef, { mid, of }: { mid: string; of: MessageId }) {
  await world.owner.query(
    `insert into receipts (shop_id, id, customer_id, kind, outbox_id, mid_hash, occurred_at, received_at)
      values ($1, $2, $3, 'echo', $4, $5, now(), now())`,
    [shopId, newId(), customerId, of, midHash("1", mid)],
  );
}

let seq = 0;
async function send(
  { shopId, customerId }: ConversationRef,
  { mid, sentAgoMs }: { mid: string; sentAgoMs: number },
): Promise<void> {
  seq += 1;
  const partId = newId<MessageId>();
  await world.owner.query(
    `insert into messages (shop_id, id, customer_id, direction, author, kind, occurred_at, received_at)
      values ($1, $2, $3, 'out', 'agent', 'cards', now(), now())`,
    [shopId, partId, customerId],
  );
  await world.owner.query(
    `insert into outbox (shop_id, id, customer_id, business_key, part, seq, audience, state, mid_hash, created_at, sent_at, next_attempt_at)
      values ($1, $2, $3, $4, 0, $5, 'chat', 'sent', $6, now() - interval '1 day', now() - $7 * interval '1 millisecond', now())`,
    [shopId, partId, customerId, mid, seq, midHash("1", mid), sentAgoMs],
  );
}

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
