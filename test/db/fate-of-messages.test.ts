import { afterAll, beforeAll, expect, test } from "vitest";

import { fateOf } from "../../bench/measure/lost.ts";
import { midHash } from "../../domain/messenger/mid-hash.ts";
import { newId } from "../../domain/id.ts";
import { createConversationWorld } from "./conversation-world.ts";
import type { ConversationRef, ConversationWorld } from "./conversation-world.ts";

const metaPageId = "110000000000001";
const none = { lost: 0, dead: 0, unclaimed: 0, unanswered: 0, doubled: 0 };
let world: ConversationWorld;
let ref: ConversationRef;

beforeAll(async () => {
  world = await createConversationWorld();
  ref = await world.addConversation();
});
afterAll(() => world.close());

test("the bench counts a message that was claimed and is in no row of the messages as lost", async () => {
  await takeIn("claimed", { claimedAt: new Date() });
  expect(await fate("claimed")).toEqual({ ...none, lost: 1 });
});

test("the bench counts a message that is nowhere as lost", async () => {
  expect(await fate("nowhere")).toEqual({ ...none, lost: 1 });
});

test("the bench counts as waiting what nobody claimed, and as dead what was laid aside", async () => {
  await takeIn("waiting", {});
  await takeIn("dead", { deadAt: new Date() });
  expect(await fate("waiting")).toEqual({ ...none, unclaimed: 1 });
  expect(await fate("dead")).toEqual({ ...none, dead: 1 });
});

test("the bench counts what a turn took as unanswered until it is answered", async () => {
  await takeIn("open", { claimedAt: new Date() });
  await keep("open", null);
  await takeIn("answered", { claimedAt: new Date() });
  await keep("answered", new Date());
  expect(await fate("open")).toEqual({ ...none, unanswered: 1 });
  expect(await fate("answered")).toEqual(none);
});

test("the bench counts a message in two rows as doubled", async () => {
  await keep("twice", new Date());
  await keep("twice", new Date());
  expect(await fate("twice")).toEqual({ ...none, doubled: 1 });
});

function fate(mid: string) {
  return fateOf(world, [{ mid, pageId: metaPageId }]);
}

async function takeIn(
  mid: string,
  { claimedAt = null, deadAt = null }: { claimedAt?: Date | null; deadAt?: Date | null },
): Promise<void> {
  await world.owner.query(
    `insert into intake (shop_id, id, kind, customer_id, event_key, mid_hash, occurred_at, received_at, claimed_at, dead_at)
      values ($1, $2, 'message', $3, $4, $5, now(), now(), $6, $7)`,
    [ref.shopId, newId(), ref.customerId, Buffer.from(mid), midHash(metaPageId, mid), claimedAt, deadAt],
  );
}

async function keep(mid: string, answeredAt: Date | null): Promise<void> {
  await world.owner.query(
    `insert into messages (shop_id, id, customer_id, direction, author, kind, mid_hash, occurred_at, received_at, answered_at)
      values ($1, $2, $3, 'in', 'customer', 'text', $4, now(), now(), $5)`,
    [ref.shopId, newId(), ref.customerId, midHash(metaPageId, mid), answeredAt],
  );
}
