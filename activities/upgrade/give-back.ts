import type { ShopTransaction } from "../../db/connection.ts";
import { lockGatewayPayments, markPaymentOwed, moveGatewayPayment } from "../../db/gateway-payments.ts";
import type { GatewayPaymentRow } from "../../db/gateway-payments.ts";
import { insertGatewayRefund } from "../../db/gateway-refunds.ts";
import type { PlanPaymentRef } from "../../db/plan-payments.ts";
import type { AccountId, GatewayPaymentId, UpgradeRequestId } from "../../domain/id.ts";

/**
 * All of a payment goes back through the provider that took it: recorded here, carried out by the worker's loop under a
 * number of its own. Safe to run twice: the payment leaves `paid` once. False: this key has asked before.
 */
export async function askForRefund(
  trx: ShopTransaction,
  payment: GatewayPaymentRow,
  { effectKey, requestedBy, now }: { effectKey: string; requestedBy: AccountId | null; now: Date },
): Promise<boolean> {
  const { shop_id: shopId, id: paymentId, paid_minor: amountMinor } = payment;
  const isFirst = await insertGatewayRefund(trx, {
    shopId,
    paymentId,
    amountMinor,
    effectKey,
    requestedBy,
    now,
  });
  if (!isFirst) return false;
  const set = { state: "refunding", error_code: null } as const;
  await moveGatewayPayment(trx, { shopId, paymentId, from: "paid", set, now });
  return true;
}

type Reversed = PlanPaymentRef & { requestId: UpgradeRequestId; by: AccountId; now: Date };

/**
 * What a reversed payment has cost is owed from now on, and goes back through the provider that took it; a refusal leaves it
 * among the money that is owed. Under the request's lock, and once, as the reversal is. Null: it came by transfer.
 */
export async function giveBack(
  trx: ShopTransaction,
  { shopId, paymentId, requestId, by, now }: Reversed,
): Promise<GatewayPaymentId | null> {
  const payments = await lockGatewayPayments(trx, { shopId, purpose: "upgrade", ownerId: requestId });
  // What is owed already is other money: it came beside the one that was approved.
  const bought = payments.find(
    ({ state, booked_at: bookedAt, owed_at: owedAt }) =>
      state === "paid" && bookedAt !== null && owedAt === null,
  );
  if (bought === undefined) return null;
  await markPaymentOwed(trx, { shopId, paymentId: bought.id, now });
  await askForRefund(trx, bought, { effectKey: `reversal:${paymentId}`, requestedBy: by, now });
  return bought.id;
}
