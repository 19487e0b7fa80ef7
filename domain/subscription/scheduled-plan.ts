import { addMonths } from "./calendar.ts";
import { periodAfter } from "./subscription.ts";
import type { PaidPeriod, Purchase } from "./subscription.ts";

/** Another plan that begins when what runs is over. `paidMonths` 0: nobody has paid for it yet. */
export type ScheduledPlan = { planCode: string; paidMonths: number; worthMinor: number };

export type Standing = { running: PaidPeriod | null; scheduled: ScheduledPlan | null };

/** `keptMinor`: what the money that was in the running period is worth in the new one. */
export type Settled =
  | { kind: "begins"; period: PaidPeriod; scheduled: ScheduledPlan | null; keptMinor: number }
  | { kind: "waits"; scheduled: ScheduledPlan };

/**
 * Where the money of a payment goes. For the scheduled plan it waits until what runs is over, so that nothing of what was
 * paid before is cut short. What is paid for and waits stays; a schedule that nobody has paid for ends when its owner
 * takes a third plan instead, or when what ran before it is over already.
 */
export function settlePurchase(
  purchase: Purchase,
  { running, scheduled, now, timeZone }: Standing & { now: Date; timeZone: string },
): Settled {
  const isRunning = running !== null && running.endsAt > now;
  if (isRunning && scheduled?.planCode === purchase.planCode) {
    return {
      kind: "waits",
      scheduled: {
        planCode: purchase.planCode,
        paidMonths: scheduled.paidMonths + purchase.periodMonths,
        worthMinor: scheduled.worthMinor + purchase.priceMinor,
      },
    };
  }
  const period = periodAfter(purchase, { running, now, timeZone });
  const isRenewal = isRunning && running.planCode === purchase.planCode;
  const stays = scheduled !== null && (isRenewal || scheduled.paidMonths > 0);
  const keptMinor = period.worthMinor - purchase.priceMinor;
  return { kind: "begins", period, scheduled: stays ? scheduled : null, keptMinor };
}

/** The period of a scheduled plan that is paid for, from the end of what ran before it. */
export function beginScheduled(
  { planCode, paidMonths, worthMinor }: ScheduledPlan,
  startsAt: Date,
  timeZone: string,
): PaidPeriod {
  return { planCode, startsAt, endsAt: addMonths(startsAt, paidMonths, timeZone), worthMinor };
}
