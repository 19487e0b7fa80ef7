import type { Currency } from "../money.ts";
import { findAmounts } from "./find-amounts.ts";

/**
 * The amount printed on a slip, in minor units: `-15,000.00 (Ks)`, `၁၅၀၀၀ ကျပ်`, `1.5 သိန်း`, `15k`.
 * Null when there is none, more than one, another currency, or a part of a minor unit.
 */
export function parseSlipAmount(text: string, currency: Currency): number | null {
  const [amount, ...others] = findAmounts(text, currency);
  if (amount === undefined || others.length > 0 || amount.isForeign) return null;
  return amount.amountMinor;
}
