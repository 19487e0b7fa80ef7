import { formatMoney, maxAmountMinor } from "../money.ts";
import type { Currency } from "../money.ts";
import { toAsciiDigits } from "../text/myanmar-digits.ts";

export type FoundAmount = {
  /** The words and digits, in the text as `readableNumbers` returns it, and where they stand there. */
  text: string;
  start: number;
  end: number;
  /** Null when the digits are no whole number of minor units. */
  amountMinor: number | null;
  hasCurrency: boolean;
  /** Named in a currency other than the asked one. */
  isForeign: boolean;
  hasUnit: boolean;
};

const currencyWords: Record<Currency | "other", string> = {
  MMK: "ကျပ်(?!သား)|kyats?|mmk|ks",
  THB: "฿|thb|bahts?|บาท|ဘတ်",
  USD: "us\\$|usd|\\$|dollars?|ဒေါ်လာ",
  IDR: "rp|idr|rupiah",
  SGD: "s\\$|sgd|\\$|dollars?",
  MYR: "rm|myr|ringgit",
  other: "€|£|¥|₹|eur|euros?|gbp|cny|rmb|yuan|jpy|yen|inr|rupees?|ယူရို|ယွမ်|ပေါင်စတာလင်",
};

/** Powers of ten. */
const units: Record<string, number> = {
  ရာ: 2,
  ထောင်: 3,
  သောင်း: 4,
  သိန်း: 5,
  သန်း: 6,
  ကုဋေ: 7,
  hundred: 2,
  thousand: 3,
  lakh: 5,
  lakhs: 5,
  million: 6,
  rb: 3,
  ribu: 3,
  jt: 6,
  juta: 6,
};

const noLetter = "(?![a-z])";
const number = "\\d+(?:[.,]\\d+)*";
const unit = `(?:ရာ(?!သီ)|ထောင်|သောင်း|သိန်း|သန်း|ကုဋေ|(?:hundred|thousand|lakhs?|million|rb|ribu|jt|juta)${noLetter})`;
const anyCurrency = `(?:(?:${Object.values(currencyWords).join("|")})${noLetter}\\.?)`;
const term = `${number}(?:k${noLetter}|\\s*${unit}(?:ခွဲ)?)?`;
const expression = new RegExp(
  `(?<pre>(?<![a-z])${anyCurrency}[\\s:=(]*)?(?<lead>${unit}(?:ပေါင်း)?\\s*)?` +
    `(?<terms>${term}(?:\\s*${number}\\s*${unit}(?:ခွဲ)?)*)(?<post>[\\s)]*(?:\\(\\s*)?(?:${anyCurrency}|K${noLetter}))?`,
  "giu",
);

/** Every number of a text with the unit and currency words around it: `15,000 Ks`, `1.5 သိန်း`, `သိန်း ၂၀`, `$5`, `15k`. */
export function findAmounts(text: string, currency: Currency): FoundAmount[] {
  return [...readableNumbers(text).matchAll(expression)].map((match) => toFound(match, currency));
}

/** The same text with ASCII digits, compatibility forms resolved and nothing invisible between digits. */
export function readableNumbers(text: string): string {
  return toAsciiDigits(text.normalize("NFKC"))
    .replace(/[\p{Cf}\u{fe0f}\u{20e3}]/gu, "")
    .replace(/\p{Nd}/gu, asciiDigit);
}

function toFound(match: RegExpMatchArray, currency: Currency): FoundAmount {
  const { pre, lead, terms = "", post } = match.groups ?? {};
  const named = [pre, post].filter((word) => word !== undefined).map(currencyName);
  return {
    text: match[0].trim(),
    start: match.index ?? 0,
    end: (match.index ?? 0) + match[0].length,
    amountMinor: sumOfTerms(terms, lead === undefined ? 0 : exponentOf(lead), currency),
    hasCurrency: named.length > 0,
    isForeign: named.some((name) => !isNameOf(name, currency)),
    hasUnit: lead !== undefined || /[^\d.,\s]/u.test(terms),
  };
}

function currencyName(word: string): string {
  return word.replace(/[\s:=().]/gu, "").toLowerCase();
}

function isNameOf(name: string, currency: Currency): boolean {
  if (name === "k") return currency === "MMK";
  return new RegExp(`^(?:${currencyWords[currency]})$`, "iu").test(name);
}

function sumOfTerms(terms: string, leadExponent: number, currency: Currency): number | null {
  let sumMinor = 0;
  for (const [, digits = "", word = "", half] of terms.matchAll(
    new RegExp(`(${number})\\s*(k|${unit})?(ခွဲ)?`, "giu"),
  )) {
    const isWritingThousands = word.toLowerCase() === "k" && /^\d{1,3}(?:\.\d+)?$/u.test(digits);
    const exponent = leadExponent + (isWritingThousands ? 3 : exponentOf(word));
    const termMinor = scaled(half === undefined ? digits : `${digits}.5`, exponent, currency);
    if (termMinor === null) return null;
    sumMinor += termMinor;
  }
  return sumMinor <= maxAmountMinor ? sumMinor : null;
}

function exponentOf(word: string): number {
  return units[word.replace(/ပေါင်း|\s/gu, "").toLowerCase()] ?? 0;
}

/** Digits × 10^exponent in minor units, by moving the point in the text: no float is ever involved. */
function scaled(digits: string, exponent: number, currency: Currency): number | null {
  const parts = splitDecimals(digits, currency, exponent > 0);
  if (parts === undefined) return null;
  const places = exponent + decimalsOf(currency);
  const surplus = parts.fraction.slice(places);
  if (/[1-9]/u.test(surplus)) return null;
  const amountMinor = Number(parts.whole + parts.fraction.slice(0, places).padEnd(places, "0"));
  return amountMinor <= maxAmountMinor ? amountMinor : null;
}

/** Indonesia groups by points and writes a decimal comma; without decimals, three digits after a point are a group anywhere. */
function splitDecimals(
  digits: string,
  currency: Currency,
  hasUnit: boolean,
): { whole: string; fraction: string } | undefined {
  const isGroupedByPoints = /^\d{1,3}(?:\.\d{3})+(?:,\d+)?$/u.test(digits) && decimalsOf(currency) === 0;
  const isDecimalComma = currency === "IDR" && /^\d+,\d{1,2}$/u.test(digits);
  const western =
    (isGroupedByPoints && !hasUnit) || isDecimalComma ? digits.replaceAll(".", "").replace(",", ".") : digits;
  const match = /^(\d+|\d{1,3}(?:,\d{2,3})*,\d{3})(?:\.(\d+))?$/u.exec(western);
  const whole = match?.[1];
  return whole === undefined ? undefined : { whole: whole.replaceAll(",", ""), fraction: match?.[2] ?? "" };
}

/** Read off the one table of decimals, which is not exported. */
function decimalsOf(currency: Currency): number {
  const [, fraction = ""] = formatMoney({ amountMinor: 0, currency })
    .replace(/[^\d.]/gu, "")
    .split(".");
  return fraction.length;
}

/** Unicode keeps the ten digits of a script together, zero first. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  if (code < 0x80) return digit;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String(code - zero);
}
