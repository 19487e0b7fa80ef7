import { afterAll, beforeAll, expect, test } from "vitest";

import { markHandled } from "../../db/messages.ts";
import { insertTurn } from "../../db/turns.ts";
import { newId } from "../../domain/id.ts";
import type { MessageId, TurnId } from "../../domain/id.ts";
import { createConversationWorld } from "./conversation-world.ts";
import type { ConversationRef, ConversationWorld } from "./conversation-world.ts";

let world: ConversationWorld;
let ref: ConversationRef;
const turnId = newId<TurnId>();
beforeAll(async () => {
  world = await createConversationWorld();
  ref = await world.addConversation();
  await world.worker.withShop(ref.shopId, (trx) =>
    insertTurn(trx, { ...ref, id: turnId, seq: 1, oldestAt: earlier, now: earlier }),
  );
});
afterAll(() => world.close());

const earlier = new Date("2026-01-01T10:00:00Z");
const now = new Date("2026-01-01T10:05:00Z");
const open = { looked_at: null, answered_at: null };

test("a turn that answers a message has looked at it, and is named by it", async () => {
  expect(await handle(open, { isAnswered: true })).toEqual({
    looked_at: now,
    answered_at: now,
    turn_id: turnId,
  });
});

test("a message that a turn left open is looked at, and still to be answered", async () => {
  expect(await handle(open, { isAnswered: false })).toEqual({
    looked_at: now,
    answered_at: null,
    turn_id: null,
  });
});

test("a message that a person answered stays that person's, and a later turn takes no earlier look away", async () => {
  const before = { looked_at: null, answered_at: earlier };
  expect(await handle(before, { isAnswered: true })).toEqual({
    looked_at: now,
    answered_at: earlier,
    turn_id: null,
  });
  const looked = { looked_at: earlier, answered_at: null };
  expect(await handle(looked, { isAnswered: true })).toEqual({
    looked_at: earlier,
    answered_at: now,
    turn_id: turnId,
  });
});

type Marks = { looked_at: Date | null; answered_at: Date | null };

/** Another message stands beside it, which the turn did not take. */
async function handle(
  before: Marks,
  { isAnswered }: { isAnswered: boolean },
): Promise<Marks & { turn_id: TurnId | null }> {
  const id = await addMessage(before);
  const other = await addMessage(open);
  await world.worker.withShop(ref.shopId, (trx) =>
    markHandled(trx, { shopId: ref.shopId, ids: [id], answeredIds: isAnswered ? [id] : [], turnId, now }),
  );
  expect(await marksOf(other)).toEqual({ ...open, turn_id: null });
  return marksOf(id);
}

async function addMessage({ looked_at: lookedAt, answered_at: answeredAt }: Marks): Promise<MessageId> {
  const id = newId<MessageId>();
  await world.owner.query(
    `insert into messages (shop_id, id, customer_id, direction, author, kind, occurred_at, received_at, looked_at, answered_at)
      values ($1, $2, $3, 'in', 'customer', 'message', $4, $4, $5, $6)`,
    [ref.shopId, id, ref.customerId, earlier, lookedAt, answeredAt],
  );
  return id;
}

async function marksOf(id: MessageId): Promise<Marks & { turn_id: TurnId | null }> {
  const { rows } = await world.owner.query<Marks & { turn_id: TurnId | null }>(
    "select looked_at, answered_at, turn_id from messages where id = $1",
    [id],
  );
  const [row] = rows;
  if (!row) throw new Error("no such message");
  return row;
}
