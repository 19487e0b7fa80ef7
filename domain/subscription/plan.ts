import type { Currency } from "../money.ts";
import type { Language } from "../shop/policies.ts";

/** What a plan allows; null: as many as the shop wants. */
export type PlanLimits = {
  products: number | null;
  pages: number | null;
  staff: number | null;
};

/** A published version never changes: whoever subscribed keeps what was promised. */
export type PlanVersion = {
  /** Stable for programs, e.g. `growth`. */
  code: string;
  version: number;
  names: Record<Language, string>;
  /** Calendar months that one payment buys. */
  periodMonths: number;
  /** Granted once for each period. */
  creditsPerPeriod: number;
  limits: PlanLimits;
};

/** Of a plan version, in minor units. A plan without a price in the shop's currency is not for sale there. */
export type PlanPrices = Partial<Record<Currency, number>>;

/** A plan with what it costs. */
export type PricedPlan = PlanVersion & { prices: PlanPrices };

export type PlanRef = { planCode: string; planVersion: number };

/** Whether a payment for it costs less a month, in a currency in which both are for sale. */
export function isCheaper(wanted: PricedPlan, than: PricedPlan, currency: Currency): boolean {
  const [low, high] = [wanted.prices[currency], than.prices[currency]];
  return low !== undefined && high !== undefined && low * than.periodMonths < high * wanted.periodMonths;
}

/** What a shop has before it pays for anything; it has no price, so that nobody can ask for it. */
export const trialPlan: PlanRef = { planCode: "trial", planVersion: 1 };
