import type { ShopTransaction } from "../../db/connection.ts";
import { lockPlanPayment, setScheduledMonths } from "../../db/plan-payments.ts";
import { getShop } from "../../db/shops.ts";
import { changeSubscription, paidPeriodOf } from "../../db/subscriptions.ts";
import type { SubscriptionRow } from "../../db/subscriptions.ts";
import { AppError } from "../../domain/app-error.ts";
import type { PlanPaymentId } from "../../domain/id.ts";
import { wholeDaysBetween } from "../../domain/subscription/calendar.ts";
import { periodWithout } from "../../domain/subscription/period-without.ts";

/**
 * Takes the payment's money out of what runs, or of what waits for the end of it; answers how many days that costs. Under
 * `lockSubscription`.
 */
export async function shortenPeriod(
  trx: ShopTransaction,
  { row, paymentId, now }: { row: SubscriptionRow; paymentId: PlanPaymentId; now: Date },
): Promise<number> {
  const { shop_id: shopId } = row;
  const payment = await lockPlanPayment(trx, { shopId, paymentId });
  if (!payment)
    throw new AppError("internal", "plan_payment.not_found", { internal: `payment ${paymentId}` });
  await setScheduledMonths(trx, { shopId, paymentId, months: 0 });
  if (payment.scheduled_months > 0) {
    const set = {
      scheduled_months: row.scheduled_months - payment.scheduled_months,
      scheduled_worth_minor: row.scheduled_worth_minor - payment.amount_minor,
    };
    await changeSubscription(trx, { from: row, set, now });
    return 0;
  }
  const running = paidPeriodOf(row, row.currency);
  if (running === null || payment.worth_minor === 0) return 0;
  const { time_zone: timeZone } = await getShop(trx, { shopId });
  const left = periodWithout(running, { worthMinor: payment.worth_minor, now, timeZone });
  const isShorter = left.endsAt < running.endsAt;
  const set = {
    ends_at: left.endsAt,
    worth_minor: left.worthMinor,
    ...(isShorter ? { reminded_before_ms: null } : {}),
  };
  await changeSubscription(trx, { from: row, set, now });
  return wholeDaysBetween(left.endsAt, running.endsAt);
}
