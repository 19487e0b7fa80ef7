import type { AccountId, PlanPaymentId, ShopId, UpgradeRequestId } from "../domain/id.ts";
import type { Money } from "../domain/money.ts";
import type { TopUpRef } from "../domain/subscription/top-up.ts";
import type { ShopTransaction } from "./connection.ts";

export type TopUpPayment = {
  shopId: ShopId;
  id: PlanPaymentId;
  requestId: UpgradeRequestId;
  topUp: TopUpRef;
  money: Money;
  payerAccountId: AccountId;
  paidAt: Date;
};

/** Safe to run twice: false when the request's payment is booked already. */
export async function insertTopUpPayment(trx: ShopTransaction, payment: TopUpPayment): Promise<boolean> {
  const result = await trx
    .insertInto("top_up_payments")
    .values({
      shop_id: payment.shopId,
      id: payment.id,
      request_id: payment.requestId,
      top_up_code: payment.topUp.topUpCode,
      top_up_version: payment.topUp.topUpVersion,
      amount_minor: payment.money.amountMinor,
      currency: payment.money.currency,
      payer_account_id: payment.payerAccountId,
      paid_at: payment.paidAt,
    })
    .onConflict((conflict) => conflict.columns(["shop_id", "request_id"]).doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}
