import type { AccountId, ShopId, UpgradeRequestId } from "../domain/id.ts";
import type { Money } from "../domain/money.ts";
import type { PlanRef } from "../domain/subscription/plan.ts";
import type { ShopTransaction } from "./connection.ts";

export type PlanPayment = {
  shopId: ShopId;
  id: string;
  requestId: UpgradeRequestId;
  plan: PlanRef;
  money: Money;
  payerAccountId: AccountId;
  paidAt: Date;
};

/** Safe to run twice: false when the request's payment is booked already. */
export async function insertPlanPayment(trx: ShopTransaction, payment: PlanPayment): Promise<boolean> {
  const result = await trx
    .insertInto("plan_payments")
    .values({
      shop_id: payment.shopId,
      id: payment.id,
      request_id: payment.requestId,
      plan_code: payment.plan.planCode,
      plan_version: payment.plan.planVersion,
      amount_minor: payment.money.amountMinor,
      currency: payment.money.currency,
      payer_account_id: payment.payerAccountId,
      paid_at: payment.paidAt,
    })
    .onConflict((conflict) => conflict.columns(["shop_id", "request_id"]).doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}
