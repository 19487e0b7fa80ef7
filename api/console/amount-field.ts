import { formatMoney, maxAmountMinor } from "../../domain/money.ts";
import type { Currency, Money } from "../../domain/money.ts";
import { toAsciiDigits } from "../../domain/text/myanmar-digits.ts";

/** As it stands in a field: `15000`, `12.50`. */
export function amountText({ amountMinor, currency }: Money): string {
  return formatMoney({ amountMinor, currency }).replaceAll(",", "").replace(` ${currency}`, "");
}

/** Minor units of what a person typed, Myanmar digits and thousands included; undefined when it is no amount. */
export function readAmount(text: string, currency: Currency): number | undefined {
  const plain = toAsciiDigits(text).replaceAll(/[\s,]/g, "");
  const decimals = amountText({ amountMinor: 0, currency }).split(".")[1]?.length ?? 0;
  const [, whole = "", fraction = ""] = /^(\d{1,13})(?:\.(\d+))?$/.exec(plain) ?? [];
  if (whole === "" || /[^0]/.test(fraction.slice(decimals))) return undefined;
  const amountMinor = Number(whole + fraction.slice(0, decimals).padEnd(decimals, "0"));
  return amountMinor <= maxAmountMinor ? amountMinor : undefined;
}

/** A whole number, with a sign: `+10`, `-၂`. */
export function readWholeNumber(text: string): number | undefined {
  const plain = toAsciiDigits(text).replaceAll(/[\s,]/g, "").replace("−", "-");
  return /^[+-]?\d{1,9}$/.test(plain) ? Number(plain) : undefined;
}
