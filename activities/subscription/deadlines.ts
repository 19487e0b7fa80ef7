import type { ShopTransaction } from "../../db/connection.ts";
import { changeSubscription, lockSubscription, subscriptionStanding } from "../../db/subscriptions.ts";
import type { SubscriptionRow } from "../../db/subscriptions.ts";
import {
  nextReminder,
  nextSubscriptionDeadline,
} from "../../domain/subscription/next-subscription-deadline.ts";
import type { SubscriptionDeadline } from "../../domain/subscription/next-subscription-deadline.ts";
import type { SubscriptionRef, SubscriptionSnapshot } from "../../workflows/subscription.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { endRunningPeriod } from "./end-running-period.ts";
import { enterState, tellOwner } from "./enter-state.ts";
import { subscriptionSnapshot } from "./subscription-snapshot.ts";

/** What a deadline changes, with whatever must happen in its transaction; the row as it is then. */
type Meeting = (trx: ShopTransaction, due: { row: SubscriptionRow; now: Date }) => Promise<SubscriptionRow>;

export function remindOfEnd(deps: ActivityDeps, ref: SubscriptionRef): Promise<SubscriptionSnapshot> {
  return meetDeadline(deps, ref, "remindOfEnd", async (trx, { row, now }) => {
    const reminder = nextReminder(subscriptionStanding(row), now);
    if (reminder === null) return row;
    const { beforeMs } = reminder;
    const leftMs = row.ends_at.getTime() - now.getTime();
    await tellOwner(trx, { row, kind: "plan_ends_soon", key: `reminder:${beforeMs}`, leftMs, now });
    return changeSubscription(trx, { from: row, set: { reminded_before_ms: beforeMs }, now });
  });
}

export function endPeriod(deps: ActivityDeps, ref: SubscriptionRef): Promise<SubscriptionSnapshot> {
  return meetDeadline(deps, ref, "endPeriod", endRunningPeriod);
}

export function limitService(deps: ActivityDeps, ref: SubscriptionRef): Promise<SubscriptionSnapshot> {
  return meetDeadline(deps, ref, "limitService", (trx, { row, now }) =>
    enterState(trx, { row, state: "limited", kind: "plan_limited", leftMs: row.timings.limitedMs, now }),
  );
}

export function suspendService(deps: ActivityDeps, ref: SubscriptionRef): Promise<SubscriptionSnapshot> {
  return meetDeadline(deps, ref, "suspendService", (trx, { row, now }) =>
    enterState(trx, { row, state: "suspended", kind: "plan_suspended", now }),
  );
}

/**
 * Does what is due when it is due, by the row's word, and answers how the row stands then. Safe to run twice: the row is
 * locked, and a deadline that was met is no longer the next one.
 */
async function meetDeadline(
  deps: ActivityDeps,
  ref: SubscriptionRef,
  deadline: SubscriptionDeadline,
  meet: Meeting,
): Promise<SubscriptionSnapshot> {
  const now = deps.clock.now();
  const row = await deps.db.withShop(ref.shopId, async (trx) => {
    const row = await lockSubscription(trx, ref);
    const next = nextSubscriptionDeadline(subscriptionStanding(row), now);
    return next?.deadline !== deadline || next.at > now ? row : meet(trx, { row, now });
  });
  await deps.atStep("subscription.committed");
  return subscriptionSnapshot(row, now);
}
