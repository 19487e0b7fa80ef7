import { getSubscription, subscriptionStanding } from "../../db/subscriptions.ts";
import type { SubscriptionRow } from "../../db/subscriptions.ts";
import { nextSubscriptionDeadline } from "../../domain/subscription/next-subscription-deadline.ts";
import type { SubscriptionRef, SubscriptionSnapshot } from "../../workflows/subscription.contract.ts";
import type { ActivityDeps } from "../deps.ts";

export async function loadSubscription(
  deps: ActivityDeps,
  ref: SubscriptionRef,
): Promise<SubscriptionSnapshot> {
  const row = await deps.db.withShop(ref.shopId, (trx) => getSubscription(trx, ref));
  return subscriptionSnapshot(row, deps.clock.now());
}

export function subscriptionSnapshot(row: SubscriptionRow, now: Date): SubscriptionSnapshot {
  const next = nextSubscriptionDeadline(subscriptionStanding(row), now);
  const { activityTimeoutMs, activityRetryMs } = row.timings;
  return {
    version: 1,
    rowVersion: row.version,
    state: row.state,
    next: next && { deadline: next.deadline, waitMs: Math.max(0, next.at.getTime() - now.getTime()) },
    activity: { timeoutMs: activityTimeoutMs, retryMs: activityRetryMs },
  };
}
