import { sql } from "kysely";
import type { RawBuilder } from "kysely";

import { newId } from "../domain/id.ts";
import type { ShopId, SubjectId } from "../domain/id.ts";
import type { LimitGround, ProcessingLimit } from "../domain/privacy/processing-limit.ts";
import { lookAgain } from "./conversations.ts";
import type { ShopTransaction } from "./connection.ts";

type Ref = { shopId: ShopId; subjectId: SubjectId };
type Change = Ref & {
  limit: ProcessingLimit;
  /** By which request it is set or lifted, for the record. */
  requestId: string | null;
  ground?: LimitGround;
  now: Date;
};

/**
 * Holds from this transaction's commit on: every claim of a send and every call of the model asks. `restricted` freezes the
 * subject. False: it was set already, or the person is being erased. Call before the conversation's lock (rule 24).
 */
export async function setProcessingLimit(
  trx: ShopTransaction,
  { shopId, subjectId, limit, requestId, ground = "request", now }: Change,
): Promise<boolean> {
  const state = await lockSubject(trx, { shopId, subjectId });
  if (state !== "active" && state !== "frozen") return false;
  if (limit === "restricted") await moveSubject(trx, { shopId, subjectId, from: "active", to: "frozen" });
  const row = { shop_id: shopId, id: newId<string>(), subject_id: subjectId, kind: limit, ground };
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto("processing_limits")
    .values({ ...row, request_id: requestId, set_at: now })
    .onConflict((conflict) =>
      conflict
        .columns(["shop_id", "subject_id", "kind", "ground", "request_id"])
        .where("lifted_at", "is", null)
        .doNothing(),
    )
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/**
 * Lifts what that request set on that ground; the others go on. With the last restriction the subject is active again, and what was
 * stored meanwhile is looked at by the sweeper. False: there was nothing to lift.
 */
export async function liftProcessingLimit(
  trx: ShopTransaction,
  { shopId, subjectId, limit, requestId, ground = "request", now }: Change,
): Promise<boolean> {
  await lockSubject(trx, { shopId, subjectId });
  const lifted = await trx
    .updateTable("processing_limits")
    .set({ lifted_at: now, lifted_by: requestId })
    .where("shop_id", "=", shopId)
    .where("subject_id", "=", subjectId)
    .where("kind", "=", limit)
    .where("ground", "=", ground)
    .where("request_id", "is not distinct from", requestId)
    .where("lifted_at", "is", null)
    .executeTakeFirst();
  if (lifted.numUpdatedRows === 0n) return false;
  if ((await findProcessingLimits(trx, { shopId, subjectId })).has(limit)) return true;
  const wake = { shopId, customerId: subjectId };
  if (limit === "restricted") {
    await moveSubject(trx, { shopId, subjectId, from: "frozen", to: "active" });
    await lookAgain(trx, wake);
  }
  // What was left to a person stays theirs: the agent answers what is written from now on.
  if (limit === "no_ai") await lookAgain(trx, { ...wake, agentFrom: now });
  return true;
}

/** Those in force. */
export async function findProcessingLimits(
  trx: ShopTransaction,
  { shopId, subjectId }: Ref,
): Promise<ReadonlySet<ProcessingLimit>> {
  const rows = await trx
    .selectFrom("processing_limits")
    .select("kind")
    .where("shop_id", "=", shopId)
    .where("subject_id", "=", subjectId)
    .where("lifted_at", "is", null)
    .execute();
  return new Set(rows.map(({ kind }) => kind));
}

/** Whether the limit is in force; the shop and the subject are given or name columns of the query around it. */
export function isLimited(
  { shopId, subjectId }: { shopId: RawBuilder<ShopId>; subjectId: RawBuilder<SubjectId> },
  limit: ProcessingLimit,
): RawBuilder<boolean> {
  return sql<boolean>`exists (select from processing_limits l where l.shop_id = ${shopId}
    and l.subject_id = ${subjectId} and l.kind = ${limit} and l.lifted_at is null)`;
}

async function lockSubject(trx: ShopTransaction, { shopId, subjectId }: Ref) {
  const row = await trx
    .selectFrom("subjects")
    .select("state")
    .where("shop_id", "=", shopId)
    .where("id", "=", subjectId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row?.state;
}

async function moveSubject(
  trx: ShopTransaction,
  { shopId, subjectId, from, to }: Ref & { from: "active" | "frozen"; to: "active" | "frozen" },
): Promise<void> {
  await trx
    .updateTable("subjects")
    .set({ state: to })
    .where("shop_id", "=", shopId)
    .where("id", "=", subjectId)
    .where("state", "=", from)
    .execute();
}
