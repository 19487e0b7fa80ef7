/** Minor units per major unit as a power of ten. Our own table: ISO 4217, CLDR and payment providers disagree on MMK and IDR. */
const decimalsOf = { MMK: 0, IDR: 0, THB: 2, USD: 2, SGD: 2, MYR: 2 } as const;

export type Currency = keyof typeof decimalsOf;

export const currencies = Object.keys(decimalsOf) as Currency[];

/** An amount in integer minor units, never a float. */
export type Money = { amountMinor: number; currency: Currency };

/** The largest amount that is accepted anywhere: safe in a double and in a bigint column. */
export const maxAmountMinor = 9_000_000_000_000;

export function isCurrency(text: string): text is Currency {
  return Object.hasOwn(decimalsOf, text);
}

/** `15,000 MMK`, `12.50 USD`: Latin digits, comma for thousands, the same in every language, so that people and code compare alike. */
export function formatMoney({ amountMinor, currency }: Money): string {
  const decimals = decimalsOf[currency];
  const sign = amountMinor < 0 ? "-" : "";
  const digits = Math.abs(amountMinor)
    .toString()
    .padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ",");
  const fraction = decimals > 0 ? `.${digits.slice(-decimals)}` : "";
  return `${sign}${whole}${fraction} ${currency}`;
}
