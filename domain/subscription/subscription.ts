import { addDays, addMonths, wholeDaysBetween } from "./calendar.ts";

/** `limited`: fallback answers only; `suspended`: messages are stored and nobody answers. */
export type SubscriptionState = "trial" | "active" | "grace" | "limited" | "suspended";

/** What was paid for. `worthMinor`: what its days have cost together, whichever payments they come from. */
export type PaidPeriod = { planCode: string; startsAt: Date; endsAt: Date; worthMinor: number };

/** What a payment buys; it costs something. */
export type Purchase = { planCode: string; periodMonths: number; priceMinor: number };

/**
 * What a shop has paid for after this payment, in its time zone.
 *
 * The same plan again is a renewal: early, it goes on from the running end; late, it begins now. Another plan begins
 * now, and the unused whole days of the running one are kept by their worth: it buys days of the new plan, rounded down.
 * Nothing is paid back, and a trial, which has cost nothing (`running` is null), leaves nothing over.
 */
export function periodAfter(
  purchase: Purchase,
  { running, now, timeZone }: { running: PaidPeriod | null; now: Date; timeZone: string },
): PaidPeriod {
  const { planCode, periodMonths, priceMinor } = purchase;
  const fresh = {
    planCode,
    startsAt: now,
    endsAt: addMonths(now, periodMonths, timeZone),
    worthMinor: priceMinor,
  };
  if (running === null || running.endsAt <= now) return fresh;
  if (running.planCode === planCode) {
    return {
      planCode,
      startsAt: running.startsAt,
      endsAt: addMonths(running.endsAt, periodMonths, timeZone),
      worthMinor: running.worthMinor + priceMinor,
    };
  }
  const worthLeft = worthOfUnused(running, now);
  const newDays = wholeDaysBetween(fresh.startsAt, fresh.endsAt);
  const kept = share(worthLeft, newDays, priceMinor);
  return {
    ...fresh,
    endsAt: addDays(fresh.endsAt, kept, timeZone),
    worthMinor: priceMinor + worthLeft,
  };
}

function worthOfUnused({ startsAt, endsAt, worthMinor }: PaidPeriod, now: Date): number {
  const days = wholeDaysBetween(startsAt, endsAt);
  return days === 0 ? 0 : share(worthMinor, wholeDaysBetween(now, endsAt), days);
}

/** `amount * part / whole` in whole numbers, rounded down: no fraction decides about a day or a unit of money. */
export function share(amount: number, part: number, whole: number): number {
  return Number((BigInt(amount) * BigInt(part)) / BigInt(whole));
}
