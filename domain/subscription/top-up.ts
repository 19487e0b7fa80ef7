import type { Currency } from "../money.ts";
import type { Language } from "../shop/policies.ts";

/** A package of credits without a plan. A published version never changes: whoever asked for it gets what it promised. */
export type TopUpVersion = {
  /** Stable for programs, e.g. `small`. */
  code: string;
  version: number;
  names: Record<Language, string>;
  credits: number;
  /** Calendar days in the shop's time zone, from the approval; what is left then lapses. */
  validDays: number;
};

/** Of a version, in minor units. A package without a price in the shop's currency is not for sale there. */
export type TopUpPrices = Partial<Record<Currency, number>>;

export type TopUpRef = { topUpCode: string; topUpVersion: number };
