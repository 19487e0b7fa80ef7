import type { AccountId, MessageId, PlanPaymentId, ShopId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { WaitingReversal } from "../domain/subscription/reversal.ts";
import { asAdmin } from "./admin-database.ts";
import type { AdminDatabase } from "./admin-database.ts";
import { writeLook } from "./admin-upgrades.ts";
import type { Look } from "./admin-upgrades.ts";
import { appendAudit } from "./audit-events.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PlanReversalRow } from "./plan-reversals.ts";
import { allPayments, findPlatformPayment } from "./platform-payments.ts";
import type { PlatformPaymentRow } from "./platform-payments.ts";
import { getSubscription } from "./subscriptions.ts";
import type { SubscriptionRow } from "./subscriptions.ts";

/** With what became of it, if it was given back or somebody proposes so. */
export type PaymentWithReversal = { payment: PlatformPaymentRow; reversal: PlanReversalRow | null };

type PaymentFilter = {
  shopId?: ShopId | undefined;
  waiting?: WaitingReversal | undefined;
  before?: PlanPaymentId;
  limit: number;
};

/** Of all shops, or of one; newest first. */
export function listPlanPayments(
  admin: AdminDatabase,
  { shopId, waiting, before, limit }: PaymentFilter,
): Promise<PaymentWithReversal[]> {
  return asAdmin(admin, async (trx) => {
    let query = trx.selectFrom(allPayments).selectAll("p").orderBy("p.id", "desc").limit(limit);
    if (shopId !== undefined) query = query.where("p.shop_id", "=", shopId);
    if (before !== undefined) query = query.where("p.id", "<", before);
    if (waiting !== undefined) query = query.where("p.id", "in", listWaiting(trx, waiting));
    return withReversals(trx, await query.execute());
  });
}

function listWaiting(trx: ShopTransaction, waiting: WaitingReversal) {
  const query = trx.selectFrom("plan_reversals").select("payment_id");
  return waiting === "proposed"
    ? query.where("state", "=", "proposed")
    : query.where("refund_way", "=", "transfer").where("refunded_at", "is", null);
}

async function withReversals(
  trx: ShopTransaction,
  payments: PlatformPaymentRow[],
): Promise<PaymentWithReversal[]> {
  if (payments.length === 0) return [];
  const ids = payments.map(({ id }) => id);
  const reversals = await trx
    .selectFrom("plan_reversals")
    .selectAll()
    .where("payment_id", "in", ids)
    .execute();
  const byPayment = new Map(reversals.map((reversal) => [reversal.payment_id, reversal]));
  return payments.map((payment) => ({ payment, reversal: byPayment.get(payment.id) ?? null }));
}

export type ReversalNote = { id: MessageId; body: Sealed };
export type PlanPaymentCase = PaymentWithReversal & {
  subscription: SubscriptionRow;
  notes: ReversalNote[];
};

/** A payment, what its shop has now, and what was written of its reversal; undefined when there is none. */
export function viewPlanPayment(
  admin: AdminDatabase,
  paymentId: PlanPaymentId,
  look: Look,
): Promise<PlanPaymentCase | undefined> {
  return asAdmin(admin, async (trx) => {
    const view = await findWithReversal(trx, paymentId);
    if (view === undefined) return undefined;
    const { shop_id: shopId } = view.payment;
    const notes = await listNotes(trx, shopId, view.reversal);
    const subscription = await getSubscription(trx, { shopId });
    await writeLook(trx, { shopId, resourceId: paymentId }, look);
    return { ...view, subscription, notes };
  });
}

export function findPlanPaymentOfAnyShop(
  admin: AdminDatabase,
  paymentId: PlanPaymentId,
): Promise<PaymentWithReversal | undefined> {
  return asAdmin(admin, (trx) => findWithReversal(trx, paymentId));
}

async function findWithReversal(
  trx: ShopTransaction,
  paymentId: PlanPaymentId,
): Promise<PaymentWithReversal | undefined> {
  const payment = await findPlatformPayment(trx, { paymentId });
  const [found] = await withReversals(trx, payment ? [payment] : []);
  return found;
}

type NewNote = { shopId: ShopId; paymentId: PlanPaymentId; noteId: MessageId; body: Sealed; now: Date };

/** Why an admin takes a payment back; safe to run twice: a repeated request meets its own row. */
export function insertReversalNote(admin: AdminDatabase, note: NewNote): Promise<void> {
  return asAdmin(admin, (trx) => insertNote(trx, note));
}

async function insertNote(trx: ShopTransaction, note: NewNote): Promise<void> {
  await trx
    .insertInto("plan_reversal_notes")
    .values({
      shop_id: note.shopId,
      id: note.noteId,
      payment_id: note.paymentId,
      body: note.body,
      created_at: note.now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

type ByAdmin = { by: AccountId; now: Date };

/**
 * An admin has transferred the money of a reversed payment back. Safe to run twice: it is recorded once. False: nothing is
 * owed by a transfer.
 */
export function recordTransferBack(admin: AdminDatabase, record: NewNote & ByAdmin): Promise<boolean> {
  const { shopId, paymentId, noteId, by, now } = record;
  return asAdmin(admin, async (trx) => {
    const owed = await trx
      .selectFrom("plan_reversals")
      .select("id")
      .where("shop_id", "=", shopId)
      .where("payment_id", "=", paymentId)
      .where("refund_way", "=", "transfer")
      .where("refunded_at", "is", null)
      .forUpdate()
      .executeTakeFirst();
    if (owed === undefined) return false;
    await insertNote(trx, record);
    await trx
      .updateTable("plan_reversals")
      .set({ refunded_at: now, refunded_by: by, refund_note_id: noteId })
      .where("shop_id", "=", shopId)
      .where("id", "=", owed.id)
      .execute();
    await log(trx, { shopId, paymentId, action: "plan_payment.transferred_back", by, now });
    return true;
  });
}

/** As if it had never been proposed. False: it is done, or there is none. */
export function withdrawReversal(
  admin: AdminDatabase,
  { shopId, paymentId, by, now }: { shopId: ShopId; paymentId: PlanPaymentId } & ByAdmin,
): Promise<boolean> {
  return asAdmin(admin, async (trx) => {
    const withdrawn = await trx
      .deleteFrom("plan_reversals")
      .where("shop_id", "=", shopId)
      .where("payment_id", "=", paymentId)
      .where("state", "=", "proposed")
      .returning("reason_note_id")
      .executeTakeFirst();
    if (withdrawn === undefined) return false;
    await trx
      .deleteFrom("plan_reversal_notes")
      .where("shop_id", "=", shopId)
      .where("id", "=", withdrawn.reason_note_id)
      .execute();
    await log(trx, { shopId, paymentId, action: "plan_payment.reversal_withdrawn", by, now });
    return true;
  });
}

async function log(
  trx: ShopTransaction,
  {
    shopId,
    paymentId,
    action,
    by,
    now,
  }: { shopId: ShopId; paymentId: PlanPaymentId; action: string } & ByAdmin,
): Promise<void> {
  await appendAudit(trx, { shopId, actorKind: "admin", actorId: by, action, resourceId: paymentId, now });
}

/** Why, and the reference of the transfer back. */
async function listNotes(
  trx: ShopTransaction,
  shopId: ShopId,
  reversal: PlanReversalRow | null,
): Promise<ReversalNote[]> {
  const ids = [reversal?.reason_note_id, reversal?.refund_note_id].flatMap((id) => id ?? []);
  if (ids.length === 0) return [];
  return trx
    .selectFrom("plan_reversal_notes")
    .select(["id", "body"])
    .where("shop_id", "=", shopId)
    .where("id", "in", ids)
    .execute();
}
