import { sql } from "kysely";
import type { Selectable } from "kysely";

import type { AccountId, PlanPaymentId, ShopId, UpgradeRequestId } from "../domain/id.ts";
import type { Money } from "../domain/money.ts";
import type { PlanRef } from "../domain/subscription/plan.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PlanPaymentsTable } from "./schema/plans.ts";

export type PlanPaymentRow = Selectable<PlanPaymentsTable>;
export type PlanPaymentRef = { shopId: ShopId; paymentId: PlanPaymentId };

export type PlanPayment = {
  shopId: ShopId;
  id: PlanPaymentId;
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

/** Whether the shop has ever paid for a plan, what was given back later included. */
export async function hasPaidPlan(trx: ShopTransaction, { shopId }: { shopId: ShopId }): Promise<boolean> {
  const row = await trx
    .selectFrom("plan_payments")
    .select("id")
    .where("shop_id", "=", shopId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Holds it until commit; after `lockSubscription`. */
export function lockPlanPayment(
  trx: ShopTransaction,
  { shopId, paymentId }: PlanPaymentRef,
): Promise<PlanPaymentRow | undefined> {
  return trx
    .selectFrom("plan_payments")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", paymentId)
    .forUpdate()
    .executeTakeFirst();
}

/**
 * Of the payments whose money was in the running period, `keptMinor` of `beforeMinor` is in the new one, each its share;
 * the new payment is in it wholly. Under `lockSubscription`.
 */
export async function carryWorthOver(
  trx: ShopTransaction,
  { shopId, paymentId, keptMinor, beforeMinor }: PlanPaymentRef & { keptMinor: number; beforeMinor: number },
): Promise<void> {
  const kept =
    keptMinor === 0 || beforeMinor === 0
      ? sql<number>`0`
      : sql<number>`div(worth_minor::numeric * ${keptMinor}, ${beforeMinor})::bigint`;
  await trx
    .updateTable("plan_payments")
    .set({ worth_minor: sql<number>`case when id = ${paymentId} then amount_minor else ${kept} end` })
    .where("shop_id", "=", shopId)
    .where((eb) => eb.or([eb("id", "=", paymentId), eb("worth_minor", ">", 0)]))
    .execute();
}

/** Its money waits for the scheduled plan to begin, or is taken out of it and of the running period (0). */
export async function setScheduledMonths(
  trx: ShopTransaction,
  { shopId, paymentId, months }: PlanPaymentRef & { months: number },
): Promise<void> {
  await trx
    .updateTable("plan_payments")
    .set({ scheduled_months: months, worth_minor: 0 })
    .where("shop_id", "=", shopId)
    .where("id", "=", paymentId)
    .execute();
}

/** Whose money waits for the scheduled plan to begin. */
export async function listScheduledRequests(
  trx: ShopTransaction,
  { shopId }: { shopId: ShopId },
): Promise<UpgradeRequestId[]> {
  const rows = await trx
    .selectFrom("plan_payments")
    .select("request_id")
    .where("shop_id", "=", shopId)
    .where("scheduled_months", ">", 0)
    .execute();
  return rows.map(({ request_id: requestId }) => requestId);
}

/** The scheduled plan begins: what was paid for it is in the running period, and nothing else is. */
export async function moveWorthToScheduled(
  trx: ShopTransaction,
  { shopId }: { shopId: ShopId },
): Promise<void> {
  await trx
    .updateTable("plan_payments")
    .set({
      worth_minor: sql<number>`case when scheduled_months > 0 then amount_minor else 0 end`,
      scheduled_months: 0,
    })
    .where("shop_id", "=", shopId)
    .where((eb) => eb.or([eb("scheduled_months", ">", 0), eb("worth_minor", ">", 0)]))
    .execute();
}
