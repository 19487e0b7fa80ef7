import { appendAudit } from "../../db/audit-events.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { findPlan } from "../../db/plans.ts";
import { changeSubscription, nothingScheduled, scheduledOf } from "../../db/subscriptions.ts";
import type { SubscriptionChange, SubscriptionRow } from "../../db/subscriptions.ts";
import { isCheaper } from "../../domain/subscription/plan.ts";
import type { CancelDowngrade, ScheduleDowngrade } from "../../workflows/subscription.contract.ts";
import type { Said } from "./said.ts";

type Deciding<Request> = { row: SubscriptionRow; request: Request; now: Date };

/** The plan for after the end of what is paid for; another one may be chosen until somebody has paid for it. */
export async function scheduleDowngrade(
  trx: ShopTransaction,
  { row, request, now }: Deciding<ScheduleDowngrade>,
): Promise<Said> {
  const { plan } = request;
  const { currency } = row;
  const scheduled = scheduledOf(row);
  if (scheduled?.planCode === plan.planCode) return "already";
  // A trial has no currency.
  if (row.ends_at <= now || currency === null) return { refused: "subscription.not_running" };
  if (scheduled !== null && scheduled.paidMonths > 0) return { refused: "subscription.downgrade_paid" };
  const running = await findPlan(trx, { planCode: row.plan_code, planVersion: row.plan_version });
  const wanted = await findPlan(trx, plan);
  if (!running || !wanted || !isCheaper(wanted, running, currency))
    return { refused: "subscription.not_cheaper" };
  const set = { scheduled_plan_code: plan.planCode, scheduled_plan_version: plan.planVersion };
  return change(trx, { row, request, now }, { action: "subscription.downgrade_scheduled", set });
}

/** As if it had never been wished, unless somebody has paid for it. */
export async function cancelDowngrade(
  trx: ShopTransaction,
  deciding: Deciding<CancelDowngrade>,
): Promise<Said> {
  const scheduled = scheduledOf(deciding.row);
  if (scheduled === null) return "already";
  if (scheduled.paidMonths > 0) return { refused: "subscription.downgrade_paid" };
  return change(trx, deciding, { action: "subscription.downgrade_cancelled", set: nothingScheduled });
}

async function change(
  trx: ShopTransaction,
  { row, request, now }: Deciding<CancelDowngrade>,
  { action, set }: { action: string; set: SubscriptionChange },
): Promise<Said> {
  const after = await changeSubscription(trx, { from: row, set, now });
  await appendAudit(trx, {
    shopId: row.shop_id,
    actorKind: "owner",
    actorId: request.by.accountId,
    action,
    data: { planCode: after.scheduled_plan_code ?? row.scheduled_plan_code ?? row.plan_code },
    now,
  });
  return "decided";
}
