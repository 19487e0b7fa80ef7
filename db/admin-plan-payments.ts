import type { MessageId, PlanPaymentId, ShopId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import { asAdmin } from "./admin-database.ts";
import type { AdminDatabase } from "./admin-database.ts";
import { writeLook } from "./admin-upgrades.ts";
import type { Look } from "./admin-upgrades.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PlanPaymentRow } from "./plan-payments.ts";
import { findPlanReversal } from "./plan-reversals.ts";
import type { PlanReversalRow } from "./plan-reversals.ts";
import { getSubscription } from "./subscriptions.ts";
import type { SubscriptionRow } from "./subscriptions.ts";

/** With what became of it, if it was given back or somebody proposes so. */
export type PaymentWithReversal = { payment: PlanPaymentRow; reversal: PlanReversalRow | null };

/** Of all shops, or of one; newest first. */
export function listPlanPayments(
  admin: AdminDatabase,
  { shopId, before, limit }: { shopId?: ShopId | undefined; before?: PlanPaymentId; limit: number },
): Promise<PaymentWithReversal[]> {
  return asAdmin(admin, async (trx) => {
    let query = trx.selectFrom("plan_payments").selectAll().orderBy("id", "desc").limit(limit);
    if (shopId !== undefined) query = query.where("shop_id", "=", shopId);
    if (before !== undefined) query = query.where("id", "<", before);
    const payments = await query.execute();
    return withReversals(trx, payments);
  });
}

async function withReversals(
  trx: ShopTransaction,
  payments: PlanPaymentRow[],
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
  note: ReversalNote | undefined;
};

/** A payment, what its shop has now, and why it was given back; undefined when there is none. */
export function viewPlanPayment(
  admin: AdminDatabase,
  paymentId: PlanPaymentId,
  look: Look,
): Promise<PlanPaymentCase | undefined> {
  return asAdmin(admin, async (trx) => {
    const payment = await findPayment(trx, paymentId);
    if (payment === undefined) return undefined;
    const { shop_id: shopId } = payment;
    const reversal = (await findPlanReversal(trx, { shopId, paymentId })) ?? null;
    const note = reversal === null ? undefined : await findNote(trx, shopId, reversal.reason_note_id);
    const subscription = await getSubscription(trx, { shopId });
    await writeLook(trx, { shopId, resourceId: paymentId }, look);
    return { payment, reversal, subscription, note };
  });
}

export function findPlanPaymentOfAnyShop(
  admin: AdminDatabase,
  paymentId: PlanPaymentId,
): Promise<PaymentWithReversal | undefined> {
  return asAdmin(admin, async (trx) => {
    const payment = await findPayment(trx, paymentId);
    const [found] = await withReversals(trx, payment ? [payment] : []);
    return found;
  });
}

/** Why an admin takes a payment back; safe to run twice: a repeated request meets its own row. */
export function insertReversalNote(
  admin: AdminDatabase,
  note: { shopId: ShopId; paymentId: PlanPaymentId; noteId: MessageId; body: Sealed; now: Date },
): Promise<void> {
  return asAdmin(admin, async (trx) => {
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
  });
}

function findPayment(trx: ShopTransaction, id: PlanPaymentId): Promise<PlanPaymentRow | undefined> {
  return trx.selectFrom("plan_payments").selectAll().where("id", "=", id).executeTakeFirst();
}

function findNote(
  trx: ShopTransaction,
  shopId: ShopId,
  noteId: MessageId,
): Promise<ReversalNote | undefined> {
  return trx
    .selectFrom("plan_reversal_notes")
    .select(["id", "body"])
    .where("shop_id", "=", shopId)
    .where("id", "=", noteId)
    .executeTakeFirst();
}
