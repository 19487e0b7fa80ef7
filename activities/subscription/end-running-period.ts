import { appendAudit } from "../../db/audit-events.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { moveWorthToScheduled } from "../../db/plan-payments.ts";
import { getShop } from "../../db/shops.ts";
import { activeAfter, changeSubscription, nothingScheduled, scheduledOf } from "../../db/subscriptions.ts";
import type { SubscriptionRow } from "../../db/subscriptions.ts";
import { beginScheduled } from "../../domain/subscription/scheduled-plan.ts";
import { enterState } from "./enter-state.ts";

/**
 * What ran is over: the scheduled plan begins there if it is paid for. Else grace begins, and the plan is the scheduled
 * one, with its limits, for the next payment to be for. Under `lockSubscription`.
 */
export async function endRunningPeriod(
  trx: ShopTransaction,
  { row, now }: { row: SubscriptionRow; now: Date },
): Promise<SubscriptionRow> {
  const scheduled = scheduledOf(row);
  if (scheduled === null || row.currency === null || scheduled.paidMonths === 0) {
    const { graceMs: leftMs } = row.timings;
    const plan = scheduled && {
      plan_code: scheduled.ref.planCode,
      plan_version: scheduled.ref.planVersion,
    };
    const set = { ...plan, ...nothingScheduled };
    return enterState(trx, { row, state: "grace", kind: "plan_overdue", leftMs, set, now });
  }
  const { shop_id: shopId, currency, ends_at: startsAt } = row;
  const { time_zone: timeZone } = await getShop(trx, { shopId });
  const period = beginScheduled(scheduled, startsAt, timeZone);
  const begun = activeAfter(row, { plan: scheduled.ref, period, currency, now });
  const after = await changeSubscription(trx, { from: row, set: { ...begun, ...nothingScheduled }, now });
  await moveWorthToScheduled(trx, { shopId });
  await appendAudit(trx, {
    shopId,
    actorKind: "system",
    actorId: null,
    action: "subscription.downgraded",
    data: { ...scheduled.ref, endsAt: period.endsAt.toISOString() },
    now,
  });
  return after;
}
