import { appendAudit } from "../../db/audit-events.ts";
import { createCommissions } from "../../db/commissions.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { grantCredits } from "../../db/credits.ts";
import { extendGrants } from "../../db/extend-grants.ts";
import {
  carryWorthOver,
  insertPlanPayment,
  listScheduledRequests,
  setScheduledMonths,
} from "../../db/plan-payments.ts";
import { findPlan } from "../../db/plans.ts";
import { getShop } from "../../db/shops.ts";
import {
  activeAfter,
  changeSubscription,
  lockSubscription,
  nothingScheduled,
  paidPeriodOf,
  scheduledOf,
} from "../../db/subscriptions.ts";
import type { SubscriptionRow } from "../../db/subscriptions.ts";
import { planOf } from "../../db/upgrade-requests.ts";
import type { UpgradeRequestRow } from "../../db/upgrade-requests.ts";
import { AppError } from "../../domain/app-error.ts";
import { creditsExpireAt } from "../../domain/credit/credits-expire-at.ts";
import { newId } from "../../domain/id.ts";
import type { PlanPaymentId, ShopId, UpgradeRequestId } from "../../domain/id.ts";
import type { Money } from "../../domain/money.ts";
import type { PlanVersion } from "../../domain/subscription/plan.ts";
import { beginScheduled, settlePurchase } from "../../domain/subscription/scheduled-plan.ts";
import type { SubscriptionTimings } from "../../domain/subscription/timings.ts";
import { endRunningPeriod } from "../subscription/end-running-period.ts";

/**
 * The one place in which the money of a plan has its effects, in the transaction of the approval: the payment is booked,
 * the subscription runs until its new end, those above the payer earn their commissions, and the plan's credits are
 * granted. Safe to run twice: a request has one payment, and without it nothing else happens. Whoever calls it rings the
 * subscription after the commit (`ringSubscription`). Its counterpart is `reversePlanPayment`.
 */
export async function applyPlanPayment(
  trx: ShopTransaction,
  { request, now }: { request: UpgradeRequestRow; now: Date },
): Promise<void> {
  const { shop_id: shopId, id: requestId, currency } = request;
  const ref = planOf(request);
  const money = { amountMinor: request.amount_minor, currency };
  const paymentId = newId<PlanPaymentId>();
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
  const { endsAt, scheduledEndsAt, timings } = await settle(trx, { shopId, paymentId, plan, money, now });
  await appendAudit(trx, {
    shopId,
    actorKind: "system",
    actorId: null,
    action: "subscription.activated",
    resourceId: requestId,
    data: { ...ref, ...money, endsAt: endsAt.toISOString() },
    now,
  });
  await createCommissions(trx, { ...money, paymentId, shopId, payerAccountId, paidAt: now, now });
  if (scheduledEndsAt !== null) {
    await extendScheduled(trx, { shopId, expiresAt: creditsExpireAt(scheduledEndsAt, timings) });
  }
  await grantPlanCredits(trx, { shopId, requestId, plan, expiresAt: creditsExpireAt(endsAt, timings), now });
}

type Paid = { shopId: ShopId; paymentId: PlanPaymentId; plan: PlanVersion; money: Money; now: Date };

/** `scheduledEndsAt`: of another plan that is paid ahead, when it begins later by this. */
type Running = { endsAt: Date; scheduledEndsAt: Date | null; timings: SubscriptionTimings };

/** Answers the end of what it is for, and what follows from it. */
async function settle(trx: ShopTransaction, { shopId, paymentId, plan, money, now }: Paid): Promise<Running> {
  const { currency, amountMinor: priceMinor } = money;
  const { time_zone: timeZone } = await getShop(trx, { shopId });
  const row = await lockUpToDate(trx, { shopId, now });
  const running = paidPeriodOf(row, currency);
  const purchase = { planCode: plan.code, periodMonths: plan.periodMonths, priceMinor };
  const settled = settlePurchase(purchase, { running, scheduled: scheduledOf(row), now, timeZone });
  if (settled.kind === "waits") {
    const { scheduled } = settled;
    const set = {
      scheduled_plan_version: plan.version,
      scheduled_months: scheduled.paidMonths,
      scheduled_worth_minor: scheduled.worthMinor,
    };
    await changeSubscription(trx, { from: row, set, now });
    await setScheduledMonths(trx, { shopId, paymentId, months: plan.periodMonths });
    const { endsAt } = beginScheduled(scheduled, row.ends_at, timeZone);
    return { endsAt, scheduledEndsAt: null, timings: row.timings };
  }
  const { period, scheduled, keptMinor } = settled;
  const ref = { planCode: plan.code, planVersion: plan.version };
  const begun = activeAfter(row, { plan: ref, period, currency, now });
  const set = { ...begun, ...(scheduled === null ? nothingScheduled : {}) };
  await changeSubscription(trx, { from: row, set, now });
  await carryWorthOver(trx, { shopId, paymentId, keptMinor, beforeMinor: running?.worthMinor ?? 0 });
  const follows = scheduled !== null && beginScheduled(scheduled, period.endsAt, timeZone);
  return { endsAt: period.endsAt, scheduledEndsAt: follows ? follows.endsAt : null, timings: row.timings };
}

/** What was paid ahead begins later now: its credits last as long as it does. */
async function extendScheduled(
  trx: ShopTransaction,
  { shopId, expiresAt }: { shopId: ShopId; expiresAt: Date },
): Promise<void> {
  const effectKeys = (await listScheduledRequests(trx, { shopId })).map(planGrantKey);
  await extendGrants(trx, { shopId, effectKeys, expiresAt });
}

/** A scheduled plan that is paid for runs from its day on, although its process has not said so yet. */
async function lockUpToDate(
  trx: ShopTransaction,
  { shopId, now }: { shopId: ShopId; now: Date },
): Promise<SubscriptionRow> {
  const row = await lockSubscription(trx, { shopId });
  const isBehind = row.state === "active" && row.ends_at <= now && row.scheduled_months > 0;
  return isBehind ? endRunningPeriod(trx, { row, now }) : row;
}

type Bought = {
  shopId: ShopId;
  requestId: UpgradeRequestId;
  plan: PlanVersion;
  expiresAt: Date;
  now: Date;
};

/** Of one period, and usable at once: who renews early may have run out. */
async function grantPlanCredits(
  trx: ShopTransaction,
  { shopId, requestId, plan, expiresAt, now }: Bought,
): Promise<void> {
  if (plan.creditsPerPeriod === 0) return;
  await grantCredits(trx, {
    shopId,
    kind: "plan",
    credits: plan.creditsPerPeriod,
    expiresAt,
    effectKey: planGrantKey(requestId),
    now,
  });
}

/** Once for each payment. */
export function planGrantKey(requestId: UpgradeRequestId): string {
  return `plan:${requestId}`;
}
