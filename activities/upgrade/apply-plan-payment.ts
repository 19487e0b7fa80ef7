import { appendAudit } from "../../db/audit-events.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { insertPlanPayment } from "../../db/plan-payments.ts";
import { findPlan } from "../../db/plans.ts";
import { getShop } from "../../db/shops.ts";
import {
  activateSubscription,
  ensureSubscription,
  lockSubscription,
  paidPeriodOf,
} from "../../db/subscriptions.ts";
import type { UpgradeRequestRow } from "../../db/upgrade-requests.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import { periodAfter } from "../../domain/subscription/subscription.ts";

/**
 * The one place in which the money of a plan has its effects, in the transaction of the approval: the payment is booked
 * and the subscription runs until its new end. Safe to run twice: a request has one payment, and without it nothing else
 * happens.
 */
export async function applyPlanPayment(
  trx: ShopTransaction,
  { request, now }: { request: UpgradeRequestRow; now: Date },
): Promise<void> {
  const { shop_id: shopId, id: requestId, currency } = request;
  const ref = { planCode: request.plan_code, planVersion: request.plan_version };
  const money = { amountMinor: request.amount_minor, currency };
  const isFirst = await insertPlanPayment(trx, {
    shopId,
    id: newId<string>(),
    requestId,
    plan: ref,
    money,
    payerAccountId: request.requested_by,
    paidAt: now,
  });
  if (!isFirst) return;
  const plan = await findPlan(trx, ref);
  if (!plan) throw new AppError("internal", "plan.not_found", { internal: `plan ${ref.planCode}` });
  const { time_zone: timeZone } = await getShop(trx, { shopId });
  await ensureSubscription(trx, { shopId, timeZone, now });
  const running = paidPeriodOf(await lockSubscription(trx, { shopId }), currency);
  const purchase = { planCode: plan.code, periodMonths: plan.periodMonths, priceMinor: money.amountMinor };
  const period = periodAfter(purchase, { running, now, timeZone });
  await activateSubscription(trx, { shopId, plan: ref, period, currency, now });
  await appendAudit(trx, {
    shopId,
    actorKind: "system",
    actorId: null,
    action: "subscription.activated",
    resourceId: requestId,
    data: { ...ref, ...money, endsAt: period.endsAt.toISOString() },
    now,
  });
}
