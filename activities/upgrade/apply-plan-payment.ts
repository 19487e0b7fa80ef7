import { appendAudit } from "../../db/audit-events.ts";
import { createCommissions } from "../../db/commissions.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { grantCredits } from "../../db/credits.ts";
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
import type { ShopId, UpgradeRequestId } from "../../domain/id.ts";
import type { PlanVersion } from "../../domain/subscription/plan.ts";
import { periodAfter } from "../../domain/subscription/subscription.ts";
import type { PaidPeriod } from "../../domain/subscription/subscription.ts";

/**
 * The one place in which the money of a plan has its effects, in the transaction of the approval: the payment is booked,
 * the subscription runs until its new end, those above the payer earn their commissions, and the plan's credits are
 * granted. Safe to run twice: a request has one payment, and without it nothing else happens.
 */
export async function applyPlanPayment(
  trx: ShopTransaction,
  { request, now }: { request: UpgradeRequestRow; now: Date },
): Promise<void> {
  const { shop_id: shopId, id: requestId, currency } = request;
  const ref = { planCode: request.plan_code, planVersion: request.plan_version };
  const money = { amountMinor: request.amount_minor, currency };
  const paymentId = newId<string>();
  const payerAccountId = request.requested_by;
  const isFirst = await insertPlanPayment(trx, {
    shopId,
    id: paymentId,
    requestId,
    plan: ref,
    money,
    payerAccountId,
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
  await createCommissions(trx, { ...money, paymentId, shopId, payerAccountId, paidAt: now, now });
  await grantPlanCredits(trx, { shopId, requestId, plan, period, now });
}

type Bought = {
  shopId: ShopId;
  requestId: UpgradeRequestId;
  plan: PlanVersion;
  period: PaidPeriod;
  now: Date;
};

/** Of one period, and usable at once: who renews early may have run out. They last until the end of what is paid for. */
async function grantPlanCredits(
  trx: ShopTransaction,
  { shopId, requestId, plan, period, now }: Bought,
): Promise<void> {
  if (plan.creditsPerPeriod === 0) return;
  await grantCredits(trx, {
    shopId,
    kind: "plan",
    credits: plan.creditsPerPeriod,
    expiresAt: period.endsAt,
    effectKey: `plan:${requestId}`,
    now,
  });
}
