import type { Currency, Money } from "../money.ts";

/** Above this amount, in minor units of its currency, two admins must approve; of a currency without one, always. */
export type SecondApprovalAbove = Partial<Record<Currency, number>>;

export function needsSecondApproval({ amountMinor, currency }: Money, above: SecondApprovalAbove): boolean {
  const limit = above[currency];
  return limit === undefined || amountMinor > limit;
}
