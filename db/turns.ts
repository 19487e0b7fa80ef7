import type { Selectable } from "kysely";

import type { ShownToModel } from "../domain/conversation/shown-to-model.ts";
import type { CustomerId, ShopId, TurnId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { TurnDecision, TurnOutcome, TurnsTable } from "./schema/conversations.ts";

export type TurnRow = Selectable<TurnsTable>;
type Ref = { shopId: ShopId; customerId: CustomerId };

/** The turn that is begun and not stored, or stored with a decision that is not carried out; at most one. */
export async function findUnfinishedTurn(
  trx: ShopTransaction,
  { shopId, customerId }: Ref,
): Promise<TurnRow | undefined> {
  return trx
    .selectFrom("turns")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where((eb) =>
      eb.or([
        eb("state", "=", "claimed"),
        eb.and([eb("decision", "is not", null), eb("is_decided", "=", false)]),
      ]),
    )
    .forUpdate()
    .executeTakeFirst();
}

export async function insertTurn(
  trx: ShopTransaction,
  turn: Ref & { id: TurnId; seq: number; oldestAt: Date; now: Date },
): Promise<TurnRow> {
  return trx
    .insertInto("turns")
    .values({
      shop_id: turn.shopId,
      id: turn.id,
      customer_id: turn.customerId,
      seq: turn.seq,
      state: "claimed",
      attempt: 1,
      oldest_at: turn.oldestAt,
      claimed_at: turn.now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Takes over a turn whose attempt died; the earlier attempt, should it wake, can no longer store. */
export async function beginNextAttempt(
  trx: ShopTransaction,
  { shopId, id }: { shopId: ShopId; id: TurnId },
): Promise<number> {
  const row = await trx
    .updateTable("turns")
    .set((eb) => ({ attempt: eb("attempt", "+", 1) }))
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .returning("attempt")
    .executeTakeFirstOrThrow();
  return row.attempt;
}

export type TurnRecord = {
  outcome: TurnOutcome;
  decision: TurnDecision | null;
  model: { name: string; rounds: number; inputTokens: number; outputTokens: number; ms: number } | null;
  shown: ShownToModel | null;
  errorCode: string | null;
  /** Under which the agent spoke; null: nobody spoke. */
  agentName: string | null;
};

/** False: another attempt has taken the turn over, or it is stored already. */
export async function storeTurn(
  trx: ShopTransaction,
  {
    shopId,
    id,
    attempt,
    record,
    now,
  }: { shopId: ShopId; id: TurnId; attempt: number; record: TurnRecord; now: Date },
): Promise<boolean> {
  const result = await trx
    .updateTable("turns")
    .set({
      state: "stored",
      outcome: record.outcome,
      decision: record.decision === null ? null : JSON.stringify(record.decision),
      stored_at: now,
      model: record.model?.name ?? null,
      rounds: record.model?.rounds ?? null,
      input_tokens: record.model?.inputTokens ?? null,
      output_tokens: record.model?.outputTokens ?? null,
      model_ms: record.model === null ? null : Math.round(record.model.ms),
      shown_to_model: record.shown === null ? null : JSON.stringify(record.shown),
      error_code: record.errorCode,
      agent_name: record.agentName,
    })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("state", "=", "claimed")
    .where("attempt", "=", attempt)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** With what it was charged; null: no model was asked. */
export type ListedTurn = TurnRow & { charged: number | null; cost_micro_usd: number | null };

/** Stored turns, newest first. */
export async function listStoredTurns(
  trx: ShopTransaction,
  { shopId, customerId, before, limit }: Ref & { before?: TurnId; limit: number },
): Promise<ListedTurn[]> {
  let query = trx
    .selectFrom("turns")
    .leftJoin("credit_reservations as r", (join) =>
      join
        .onRef("r.shop_id", "=", "turns.shop_id")
        .onRef("r.turn_id", "=", "turns.id")
        .on("r.state", "=", "settled"),
    )
    .selectAll("turns")
    .select(["r.charged", "r.cost_micro_usd"])
    .where("turns.shop_id", "=", shopId)
    .where("turns.customer_id", "=", customerId)
    .where("turns.state", "=", "stored")
    .orderBy("turns.id", "desc")
    .limit(limit);
  if (before !== undefined) query = query.where("turns.id", "<", before);
  return query.execute();
}

/** True for the one call that finds the decision open. */
export async function markDecided(
  trx: ShopTransaction,
  { shopId, id }: { shopId: ShopId; id: TurnId },
): Promise<boolean> {
  const result = await trx
    .updateTable("turns")
    .set({ is_decided: true })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("is_decided", "=", false)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
