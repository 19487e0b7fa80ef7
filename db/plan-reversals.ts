import type { Selectable } from "kysely";

import type { AccountId, MessageId, PlanPaymentId, ShopId } from "../domain/id.ts";
import type { SealedPlace } from "../domain/sealing.ts";
import { shopSubject } from "../domain/shop/shop-subject.ts";
import type { ReversalKind } from "../domain/subscription/reversal.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PlanPaymentRef } from "./plan-payments.ts";
import type { PlanReversalsTable } from "./schema/plans.ts";

export type PlanReversalRow = Selectable<PlanReversalsTable>;

/** An admin's reason outlives the request's evidence, so it is sealed with the shop's own key. */
export function reversalNotePlace({ shopId, noteId }: { shopId: ShopId; noteId: MessageId }): SealedPlace {
  return {
    shopId,
    subjectId: shopSubject(shopId),
    purpose: "secret",
    field: "plan_reversal_note.body",
    rowId: noteId,
  };
}

export function findPlanReversal(
  trx: ShopTransaction,
  { shopId, paymentId }: PlanPaymentRef,
): Promise<PlanReversalRow | undefined> {
  return trx
    .selectFrom("plan_reversals")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("payment_id", "=", paymentId)
    .executeTakeFirst();
}

export async function insertPlanReversal(
  trx: ShopTransaction,
  reversal: {
    shopId: ShopId;
    id: string;
    paymentId: PlanPaymentId;
    kind: ReversalKind;
    needsSecondApproval: boolean;
    reasonNoteId: MessageId;
    proposedBy: AccountId;
    now: Date;
  },
): Promise<void> {
  await trx
    .insertInto("plan_reversals")
    .values({
      shop_id: reversal.shopId,
      id: reversal.id,
      payment_id: reversal.paymentId,
      kind: reversal.kind,
      state: reversal.needsSecondApproval ? "proposed" : "done",
      needs_second_approval: reversal.needsSecondApproval,
      reason_note_id: reversal.reasonNoteId,
      proposed_by: reversal.proposedBy,
      proposed_at: reversal.now,
      done_at: reversal.needsSecondApproval ? null : reversal.now,
    })
    .execute();
}

/** The second admin's word; false when it was done before. */
export async function finishPlanReversal(
  trx: ShopTransaction,
  { shopId, id, approvedBy, now }: { shopId: ShopId; id: string; approvedBy: AccountId; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("plan_reversals")
    .set({ state: "done", approved_by: approvedBy, done_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("state", "=", "proposed")
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
