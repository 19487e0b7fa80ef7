import { addDays, wholeDaysBetween } from "./calendar.ts";
import { share } from "./subscription.ts";
import type { PaidPeriod } from "./subscription.ts";

/**
 * The running period without the money of a payment that was given back: it loses the days that this money is worth of it,
 * at its end. Days that were used are not asked back, and the other payments keep what they have bought, so it never ends
 * before now, and one that is over stays as it is. `worthMinor`: what of the payment is in the period.
 */
export function periodWithout(
  period: PaidPeriod,
  { worthMinor, now, timeZone }: { worthMinor: number; now: Date; timeZone: string },
): PaidPeriod {
  const lostMinor = Math.min(worthMinor, period.worthMinor);
  if (lostMinor === 0) return period;
  const left = { ...period, worthMinor: period.worthMinor - lostMinor };
  if (period.endsAt <= now) return left;
  if (left.worthMinor === 0) return { ...left, endsAt: now };
  const days = share(wholeDaysBetween(period.startsAt, period.endsAt), lostMinor, period.worthMinor);
  const endsAt = addDays(period.endsAt, -days, timeZone);
  return { ...left, endsAt: endsAt > now ? endsAt : now };
}
