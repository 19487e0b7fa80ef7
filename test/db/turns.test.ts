import { afterAll, beforeAll, expect, test } from "vitest";

import type { ShopTransaction } from "../../db/connection.ts";
import { beginNextAttempt, insertTurn, markDecided, storeTurn } from "../../db/turns.ts";
import type { TurnRecord, TurnRow } from "../../db/turns.ts";
import { newId } from "../../domain/id.ts";
import type { OrderId, TurnId } from "../../domain/id.ts";
import { createConversationWorld } from "./conversation-world.ts";
import type { ConversationWorld } from "./conversation-world.ts";

let world: ConversationWorld;
beforeAll(async () => {
  world = await createConversationWorld();
});
afterAll(() => world.close());

const answered: TurnRecord = {
  outcome: "answered",
  decision: null,
  model: null,
  shown: null,
  errorCode: null,
  agentName: null,
};

function inShop<T>(work: (trx: ShopTransaction) => Promise<T>): Promise<T> {
  return world.worker.withShop(world.shopId, work);
}

async function openTurn(): Promise<TurnRow> {
  const ref = await world.addConversation();
  const now = new Date();
  return inShop((trx) => insertTurn(trx, { ...ref, id: newId<TurnId>(), seq: 1, oldestAt: now, now }));
}

function store({ shop_id: shopId, id }: TurnRow, attempt: number, record = answered): Promise<boolean> {
  return inShop((trx) => storeTurn(trx, { shopId, id, attempt, record, now: new Date() }));
}

test("a turn is stored by the attempt that has it, however late an earlier one wakes", async () => {
  const turn = await openTurn();
  const next = await inShop((trx) => beginNextAttempt(trx, { shopId: turn.shop_id, id: turn.id }));
  expect(await store(turn, turn.attempt)).toBe(false);
  expect(await store(turn, next)).toBe(true);
});

test("a turn is stored once, also by the attempt that stored it", async () => {
  const turn = await openTurn();
  expect(await store(turn, turn.attempt)).toBe(true);
  expect(await store(turn, turn.attempt, { ...answered, outcome: "fallback" })).toBe(false);
  const sql = "select outcome from turns where id = $1";
  expect((await world.owner.query(sql, [turn.id])).rows).toEqual([{ outcome: "answered" }]);
});

test("a turn's decision is carried out by one of those who find it", async () => {
  const turn = await openTurn();
  const decision = { kind: "place_order", orderId: newId<OrderId>(), hash: "0".repeat(32) } as const;
  await store(turn, turn.attempt, { ...answered, outcome: "decision", decision });
  const marks = Array.from({ length: 5 }, () =>
    inShop((trx) => markDecided(trx, { shopId: turn.shop_id, id: turn.id })),
  );
  expect((await Promise.all(marks)).filter(Boolean)).toHaveLength(1);
});
