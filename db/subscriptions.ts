import type { Selectable, Updateable } from "kysely";

import { AppError } from "../domain/app-error.ts";
import type { ShopId } from "../domain/id.ts";
import type { Currency } from "../domain/money.ts";
import type { SubscriptionStanding } from "../domain/subscription/next-subscription-deadline.ts";
import { trialPlan } from "../domain/subscription/plan.ts";
import type { PlanRef } from "../domain/subscription/plan.ts";
import type { ScheduledPlan } from "../domain/subscription/scheduled-plan.ts";
import { serviceOf } from "../domain/subscription/service-of.ts";
import type { AgentService } from "../domain/subscription/service-of.ts";
import type { PaidPeriod } from "../domain/subscription/subscription.ts";
import { defaultSubscriptionTimings } from "../domain/subscription/timings.ts";
import { trialEndsAt } from "../domain/subscription/trial.ts";
import type { ShopTransaction } from "./connection.ts";
import type { SubscriptionsTable } from "./schema/plans.ts";

export type SubscriptionRow = Selectable<SubscriptionsTable>;
type ShopRef = { shopId: ShopId };

/** With the shop itself, so that each has one. */
export async function insertTrial(
  trx: ShopTransaction,
  { shopId, timeZone, now }: ShopRef & { timeZone: string; now: Date },
): Promise<void> {
  await trx
    .insertInto("subscriptions")
    .values({
      shop_id: shopId,
      plan_code: trialPlan.planCode,
      plan_version: trialPlan.planVersion,
      state: "trial",
      state_since: now,
      starts_at: now,
      ends_at: trialEndsAt(now, timeZone),
      timings: JSON.stringify(defaultSubscriptionTimings),
      updated_at: now,
    })
    .execute();
}

export async function getSubscription(trx: ShopTransaction, { shopId }: ShopRef): Promise<SubscriptionRow> {
  return present(
    await trx.selectFrom("subscriptions").selectAll().where("shop_id", "=", shopId).executeTakeFirst(),
    shopId,
  );
}

/** Holds it until commit: what is paid for is added to what stands there, and what a plan counts is counted. */
export async function lockSubscription(trx: ShopTransaction, { shopId }: ShopRef): Promise<SubscriptionRow> {
  return present(
    await trx
      .selectFrom("subscriptions")
      .selectAll()
      .where("shop_id", "=", shopId)
      .forUpdate()
      .executeTakeFirst(),
    shopId,
  );
}

export type SubscriptionChange = Omit<
  Updateable<SubscriptionsTable>,
  "shop_id" | "version" | "updated_at" | "timings" | "lock_mark"
>;

/** Under `lockSubscription`; names the state that was read all the same. Answers the row as it is then. */
export async function changeSubscription(
  trx: ShopTransaction,
  { from, set, now }: { from: SubscriptionRow; set: SubscriptionChange; now: Date },
): Promise<SubscriptionRow> {
  const { shop_id: shopId, state } = from;
  const row = await trx
    .updateTable("subscriptions")
    .set((eb) => ({ ...set, version: eb("version", "+", 1), updated_at: now }))
    .where("shop_id", "=", shopId)
    .where("state", "=", state)
    .returningAll()
    .executeTakeFirst();
  if (row) return row;
  throw new AppError("conflict", "subscription.moved_on", { internal: `shop ${shopId} left ${state}` });
}

/** What it comes to when a period that is paid for begins or goes on: reminders begin anew, and so does the service. */
export function activeAfter(
  from: SubscriptionRow,
  { plan, period, currency, now }: { plan: PlanRef; period: PaidPeriod; currency: Currency; now: Date },
): SubscriptionChange {
  return {
    plan_code: plan.planCode,
    plan_version: plan.planVersion,
    state: "active",
    state_since: now,
    starts_at: period.startsAt,
    ends_at: period.endsAt,
    worth_minor: period.worthMinor,
    currency,
    reminded_before_ms: null,
    ...(serviceOf(from.state) === "full" ? {} : { served_from: now }),
  };
}

export const nothingScheduled = {
  scheduled_plan_code: null,
  scheduled_plan_version: null,
  scheduled_months: 0,
  scheduled_worth_minor: 0,
} as const satisfies SubscriptionChange;

/** What was paid for and runs, in that currency; null in a trial. */
export function paidPeriodOf(row: SubscriptionRow, currency: Currency | null): PaidPeriod | null {
  if (row.worth_minor === null || row.currency !== currency) return null;
  return {
    planCode: row.plan_code,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    worthMinor: row.worth_minor,
  };
}

export function scheduledOf(row: SubscriptionRow): (ScheduledPlan & { ref: PlanRef }) | null {
  const { scheduled_plan_code: planCode, scheduled_plan_version: planVersion } = row;
  if (planCode === null || planVersion === null) return null;
  return {
    planCode,
    ref: { planCode, planVersion },
    paidMonths: row.scheduled_months,
    worthMinor: row.scheduled_worth_minor,
  };
}

/** What the rules look at. */
export function subscriptionStanding(
  row: Pick<
    SubscriptionRow,
    "state" | "state_since" | "ends_at" | "reminded_before_ms" | "scheduled_months" | "timings"
  >,
): SubscriptionStanding {
  return {
    state: row.state,
    stateSince: row.state_since,
    endsAt: row.ends_at,
    remindedBeforeMs: row.reminded_before_ms,
    isPaidBeyond: row.scheduled_months > 0,
    timings: row.timings,
  };
}

export type ShopService = { service: AgentService; servedFrom: Date | null };

/** What the agent does for the shop now, and from when on it answers. */
export async function getService(trx: ShopTransaction, { shopId }: ShopRef): Promise<ShopService> {
  const row = await trx
    .selectFrom("subscriptions")
    .select(["state", "served_from"])
    .where("shop_id", "=", shopId)
    .executeTakeFirst();
  const { state, served_from: servedFrom } = present(row, shopId);
  return { service: serviceOf(state), servedFrom };
}

function present<Row>(row: Row | undefined, shopId: ShopId): Row {
  if (row) return row;
  throw new AppError("not_found", "subscription.not_found", { internal: `shop ${shopId}` });
}
