import type { ReferralPolicy } from "./policy.ts";

const whole = 10_000;
const dayMs = 24 * 60 * 60_000;

/**
 * The rate of each level, nearest first, in hundredths of a percent. The cap cuts the farthest levels: what it leaves to
 * one may be less than its rate, or 0.
 */
export function levelRates({ rateBps, capBps }: ReferralPolicy): number[] {
  let left = capBps;
  return rateBps.map((rate) => {
    const given = Math.min(rate, left);
    left -= given;
    return given;
  });
}

/** Rounded down: what is left of every level stays with the platform. Exact, in whole numbers, for every accepted amount. */
export function shareOf(amountMinor: number, rateBps: number): number {
  const rest = amountMinor % whole;
  return ((amountMinor - rest) / whole) * rateBps + Math.floor((rest * rateBps) / whole);
}

/** What the lines of one payment, beneficiary and level say together. */
export type CommissionStanding = {
  /** What was paid, and how much of it was given back since. */
  paidMinor: number;
  refundedMinor: number;
  rateBps: number;
  /** A fraud flag was upheld, and no appeal against it was granted. */
  isCancelled: boolean;
  /** The sum of the lines. */
  netMinor: number;
};

/**
 * The amount of the line that makes the lines say what is owed: the share of what the payment is still worth. It depends
 * on the sum of the refunds only, so their order and their parts leave the same, and a whole refund leaves exactly 0.
 */
export function settlingAmount(standing: CommissionStanding): number {
  const { paidMinor, refundedMinor, rateBps, isCancelled, netMinor } = standing;
  const owed = isCancelled ? 0 : shareOf(Math.max(0, paidMinor - refundedMinor), rateBps);
  return owed - netMinor;
}

export function maturesAt(paidAt: Date, { holdingDays }: ReferralPolicy): Date {
  return new Date(paidAt.getTime() + holdingDays * dayMs);
}
