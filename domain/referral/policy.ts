import type { Currency } from "../money.ts";

/** What the referral pays. A version of it is never changed; a payment follows the one that was valid when it was made. */
export type ReferralPolicy = {
  /** Hundredths of a percent of a payment, for level 1, 2, …; the tree pays as many levels as there are rates. */
  rateBps: readonly number[];
  /** No payment gives more than this to all its levels together. */
  capBps: number;
  /** From the payment until the commission may be paid. */
  holdingDays: number;
  /** Smaller balances are carried on; a currency without one is not paid out. */
  minimumPayoutMinor: Partial<Record<Currency, number>>;
  /** From a change of the payout account until money goes there. */
  coolDownHours: number;
};

export const defaultReferralPolicy: ReferralPolicy = {
  rateBps: [1_000, 300],
  capBps: 1_500,
  holdingDays: 14,
  minimumPayoutMinor: { MMK: 10_000 },
  coolDownHours: 72,
};

/** The terms that an owner accepts by joining. */
export const referralTermsVersion = 1;

const maxLevels = 10;

/** A policy by which every payment can be reckoned: whole rates, of which at least one is paid. */
export function isReferralPolicy({ rateBps, capBps, holdingDays, coolDownHours }: ReferralPolicy): boolean {
  const isShare = (bps: number) => Number.isInteger(bps) && bps >= 0 && bps <= 10_000;
  return (
    rateBps.length <= maxLevels &&
    [...rateBps, capBps].every(isShare) &&
    [holdingDays, coolDownHours].every((span) => Number.isInteger(span) && span >= 0)
  );
}
