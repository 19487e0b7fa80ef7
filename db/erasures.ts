import { sql } from "kysely";
import type { Selectable, Updateable } from "kysely";

import { AppError } from "../domain/app-error.ts";
import type { PrivacyRequestId, ShopId, SubjectId } from "../domain/id.ts";
import { leadsTo } from "../domain/privacy/erasure.ts";
import type { DestroyedKey, ErasureStage, RunEnd, StoreCount } from "../domain/privacy/erasure.ts";
import type { ErasureTimings } from "../domain/privacy/erasure-timings.ts";
import type { Purpose, SubjectKind, SubjectState } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";
import type { ErasuresTable } from "./schema/erasure.ts";

export type ErasureRow = Selectable<ErasuresTable>;
type Ref = { shopId: ShopId; requestId: PrivacyRequestId };
type SubjectRef = { shopId: ShopId; subjectId: SubjectId };

/** Safe to run twice: the request's first plan stays. A person is erased once: another request's plan is refused. */
export async function insertErasure(
  trx: ShopTransaction,
  erasure: Ref & { subjectId: SubjectId; timings: ErasureTimings; plan: StoreCount[]; now: Date },
): Promise<boolean> {
  const { shopId, requestId, subjectId, timings, plan, now } = erasure;
  const row = await trx
    .insertInto("erasures")
    .values({
      shop_id: shopId,
      request_id: requestId,
      subject_id: subjectId,
      stage: "planned",
      timings: JSON.stringify(timings),
      plan: JSON.stringify(plan),
      started_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("request_id")
    .executeTakeFirst();
  return row !== undefined;
}

export async function findErasure(
  trx: ShopTransaction,
  { shopId, requestId }: Ref,
): Promise<ErasureRow | undefined> {
  return trx
    .selectFrom("erasures")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("request_id", "=", requestId)
    .executeTakeFirst();
}

export async function getErasure(trx: ShopTransaction, ref: Ref): Promise<ErasureRow> {
  const row = await findErasure(trx, ref);
  if (row) return row;
  throw new AppError("not_found", "erasure.not_found", { internal: `erasure of request ${ref.requestId}` });
}

/** Takes the erasure one stage on; false: somebody has done it. */
export async function moveErasure(
  trx: ShopTransaction,
  {
    shopId,
    requestId,
    from,
    to,
    set = {},
  }: Ref & { from: ErasureStage; to: ErasureStage; set?: Updateable<ErasuresTable> },
): Promise<boolean> {
  if (!leadsTo(from, to)) {
    throw new AppError("internal", "erasure.illegal_transition", { internal: `${from} to ${to}` });
  }
  const result = await trx
    .updateTable("erasures")
    .set({ ...set, stage: to })
    .where("shop_id", "=", shopId)
    .where("request_id", "=", requestId)
    .where("stage", "=", from)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** What became of runs, before it happens: a run that was noted keeps its first word. */
export async function noteRuns(
  trx: ShopTransaction,
  { shopId, requestId, runs }: Ref & { runs: Record<string, RunEnd> },
): Promise<void> {
  await sql`update erasures set runs = ${JSON.stringify(runs)}::jsonb || runs
    where shop_id = ${shopId} and request_id = ${requestId}`.execute(trx);
}

/** The end of the waiting for the epochs; false: it was set before, or a hold has ended meanwhile. */
export async function markFinal(trx: ShopTransaction, { shopId, requestId, at }: Ref & { at: Date }) {
  const result = await trx
    .updateTable("erasures")
    .set({ final_at: at })
    .where("shop_id", "=", shopId)
    .where("request_id", "=", requestId)
    .where("stage", "=", "certified")
    .where("final_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export type SubjectFacts = { kind: SubjectKind; state: SubjectState };

export async function findSubject(
  trx: ShopTransaction,
  { shopId, subjectId }: SubjectRef,
): Promise<SubjectFacts | undefined> {
  return trx
    .selectFrom("subjects")
    .select(["kind", "state"])
    .where("shop_id", "=", shopId)
    .where("id", "=", subjectId)
    .executeTakeFirst();
}

/** The fence goes up, and never down again. Waits for whoever holds the person's state, and comes before other locks (rule 24). */
export async function setErasureState(
  trx: ShopTransaction,
  { shopId, subjectId, to }: SubjectRef & { to: "erasing" | "erased" },
): Promise<void> {
  const from = to === "erasing" ? (["active", "frozen"] as const) : (["erasing"] as const);
  await trx
    .updateTable("subjects")
    .set({ state: to })
    .where("shop_id", "=", shopId)
    .where("id", "=", subjectId)
    .where("state", "in", from)
    .execute();
}

/** Destroys the person's keys of these purposes. What was wrapped in them opens nowhere any more, caches apart. */
export async function destroyKeys(
  trx: ShopTransaction,
  { shopId, subjectId, purposes, now }: SubjectRef & { purposes: Purpose[]; now: Date },
): Promise<DestroyedKey[]> {
  if (purposes.length === 0) return [];
  const rows = await trx
    .deleteFrom("subject_keys")
    .where("shop_id", "=", shopId)
    .where("subject_id", "=", subjectId)
    .where("purpose", "in", purposes)
    .returning(["id", "purpose", "epoch"])
    .execute();
  return rows.map(({ id, purpose, epoch }) => ({ keyId: id, purpose, epoch, at: now.toISOString() }));
}

/** When each was destroyed; without those that were not. */
export async function listDestroyedEpochs(
  trx: ShopTransaction,
  epochs: number[],
): Promise<Map<number, Date>> {
  if (epochs.length === 0) return new Map();
  const rows = await trx
    .selectFrom("key_epochs")
    .select(["id", "destroyed_at"])
    .where("id", "in", epochs)
    .where("state", "=", "destroyed")
    .execute();
  return new Map(rows.flatMap(({ id, destroyed_at: at }) => (at === null ? [] : [[id, at] as const])));
}
