import type { Selectable } from "kysely";

import type { ShopId } from "../domain/id.ts";
import type { Currency } from "../domain/money.ts";
import { addMonths } from "../domain/subscription/calendar.ts";
import { trialPlan } from "../domain/subscription/plan.ts";
import type { PlanRef } from "../domain/subscription/plan.ts";
import type { PaidPeriod } from "../domain/subscription/subscription.ts";
import { AppError } from "../domain/app-error.ts";
import type { ShopTransaction } from "./connection.ts";
import type { SubscriptionsTable } from "./schema/plans.ts";

export type SubscriptionRow = Selectable<SubscriptionsTable>;

const trialMonths = 1;

/** Begins the trial of a shop that has no subscription yet; one that has one keeps it. */
export async function ensureSubscription(
  trx: ShopTransaction,
  { shopId, timeZone, now }: { shopId: ShopId; timeZone: string; now: Date },
): Promise<void> {
  await trx
    .insertInto("subscriptions")
    .values({
      shop_id: shopId,
      plan_code: trialPlan.planCode,
      plan_version: trialPlan.planVersion,
      state: "trial",
      starts_at: now,
      ends_at: addMonths(now, trialMonths, timeZone),
      updated_at: now,
    })
    .onConflict((conflict) => conflict.column("shop_id").doNothing())
    .execute();
}

export async function getSubscription(
  trx: ShopTransaction,
  { shopId }: { shopId: ShopId },
): Promise<SubscriptionRow> {
  return present(
    await trx.selectFrom("subscriptions").selectAll().where("shop_id", "=", shopId).executeTakeFirst(),
    shopId,
  );
}

/** Holds it until commit: what is paid for is added to what stands there. */
export async function lockSubscription(
  trx: ShopTransaction,
  { shopId }: { shopId: ShopId },
): Promise<SubscriptionRow> {
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

/** Under `lockSubscription`. */
export async function activateSubscription(
  trx: ShopTransaction,
  {
    shopId,
    plan,
    period,
    currency,
    now,
  }: { shopId: ShopId; plan: PlanRef; period: PaidPeriod; currency: Currency; now: Date },
): Promise<void> {
  await trx
    .updateTable("subscriptions")
    .set((eb) => ({
      plan_code: plan.planCode,
      plan_version: plan.planVersion,
      state: "active" as const,
      starts_at: period.startsAt,
      ends_at: period.endsAt,
      worth_minor: period.worthMinor,
      currency,
      version: eb("version", "+", 1),
      updated_at: now,
    }))
    .where("shop_id", "=", shopId)
    .execute();
}

/** What was paid for and runs, in that currency; null in a trial. */
export function paidPeriodOf(row: SubscriptionRow, currency: Currency): PaidPeriod | null {
  if (row.worth_minor === null || row.currency !== currency) return null;
  return {
    planCode: row.plan_code,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    worthMinor: row.worth_minor,
  };
}

function present(row: SubscriptionRow | undefined, shopId: ShopId): SubscriptionRow {
  if (row) return row;
  throw new AppError("not_found", "subscription.not_found", { internal: `shop ${shopId}` });
}
