import type { Selectable } from "kysely";

import type { AccountId, GatewayPaymentId, MessageId, PlanPaymentId, ShopId } from "../domain/id.ts";
import type { SealedPlace } from "../domain/sealing.ts";
import { shopSubject } from "../domain/shop/shop-subject.ts";
import type { ReversalKind } from "../domain/subscription/reversal.ts";
import type { Bought } from "../domain/subscription/upgrade.ts";
import type { ShopTransaction } from "./connection.ts";
import { allPayments } from "./platform-payments.ts";
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

/** Holds it until commit: one that is only proposed may be withdrawn meanwhile. */
export function lockPlanReversal(
  trx: ShopTransaction,
  { shopId, paymentId }: PlanPaymentRef,
): Promise<PlanReversalRow | undefined> {
  return trx
    .selectFrom("plan_reversals")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("payment_id", "=", paymentId)
    .forUpdate()
    .executeTakeFirst();
}

export async function insertPlanReversal(
  trx: ShopTransaction,
  reversal: {
    shopId: ShopId;
    id: string;
    paymentId: PlanPaymentId;
    bought: Bought["kind"];
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
      bought: reversal.bought,
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

/** Under `lockPlanReversal`: the second admin's word. */
export async function finishPlanReversal(
  trx: ShopTransaction,
  { shopId, id, approvedBy, now }: { shopId: ShopId; id: string; approvedBy: AccountId; now: Date },
): Promise<void> {
  await trx
    .updateTable("plan_reversals")
    .set({ state: "done", approved_by: approvedBy, done_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("state", "=", "proposed")
    .execute();
}

/** How the money of one that is done goes back: through that payment's provider, or by a transfer (null). */
export async function setRefundWay(
  trx: ShopTransaction,
  { shopId, id, gatewayPaymentId }: { shopId: ShopId; id: string; gatewayPaymentId: GatewayPaymentId | null },
): Promise<void> {
  const way = gatewayPaymentId === null ? ("transfer" as const) : ("gateway" as const);
  await trx
    .updateTable("plan_reversals")
    .set({ refund_way: way, gateway_payment_id: gatewayPaymentId })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("state", "=", "done")
    .execute();
}

/** The provider has given the payment back; nothing happens when it was owed for another reason than a reversal. */
export async function markReversalRefunded(
  trx: ShopTransaction,
  { shopId, gatewayPaymentId, now }: { shopId: ShopId; gatewayPaymentId: GatewayPaymentId; now: Date },
): Promise<void> {
  await trx
    .updateTable("plan_reversals")
    .set({ refunded_at: now })
    .where("shop_id", "=", shopId)
    .where("gateway_payment_id", "=", gatewayPaymentId)
    .where("refunded_at", "is", null)
    .execute();
}

/** What was taken back of a shop, newest first, and why; what is only proposed is between admins. */
export async function listDoneReversals(
  trx: ShopTransaction,
  { shopId, before, limit }: { shopId: ShopId; before?: string; limit: number },
) {
  let query = trx
    .selectFrom("plan_reversals as r")
    .innerJoin(allPayments, (join) =>
      join.onRef("p.shop_id", "=", "r.shop_id").onRef("p.id", "=", "r.payment_id"),
    )
    .innerJoin("plan_reversal_notes as n", (join) =>
      join.onRef("n.shop_id", "=", "r.shop_id").onRef("n.id", "=", "r.reason_note_id"),
    )
    .select(["r.id", "r.kind", "r.done_at", "r.refund_way", "r.refunded_at", "r.reason_note_id"])
    .select([
      "n.body as reason",
      "p.request_id",
      "p.plan_code",
      "p.top_up_code",
      "p.amount_minor",
      "p.currency",
    ])
    .where("r.shop_id", "=", shopId)
    .where("r.state", "=", "done")
    .orderBy("r.id", "desc")
    .limit(limit);
  if (before !== undefined) query = query.where("r.id", "<", before);
  return query.execute();
}

export type DoneReversalRow = Awaited<ReturnType<typeof listDoneReversals>>[number];
