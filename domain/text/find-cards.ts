import { toAsciiDigits } from "./myanmar-digits.ts";
import type { SecretSpan } from "./secret-span.ts";

/** What people put between the digits of a card: spaces, line ends, dashes, dots, slashes, invisible characters. */
const separator = String.raw`[\s\-\u2010-\u2015\u2212._/\\·•*,()|+\u00AD\u200B-\u200F\u2060\uFEFF]{1,4}`;
const digitRun = new RegExp(String.raw`\d(?:(?:${separator})?\d)*`, "g");

/** 15,000 or 1.500.000: amounts end a run of digits, so that a list of prices is no card. */
const amount = /(?<![\d.,])\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?![\d]|[.,]\d)/g;

const phone = /(?<!\d)(?:\+|00)?(?:95[\s-]?0?9|09)(?:[\s-]?\d){7,9}(?!\d)|\+\d(?:[\s-]?\d){7,14}(?!\d)/g;

/** In front of an unbroken number these say that it is a payment reference or a parcel, unless it is of a card network. */
const referenceWord = new RegExp(
  [
    String.raw`(?:\b(?:ref(?:erence)?|trans(?:action)?|txn|trx|rrn|invoice|tracking|parcel|order (?:no|number|id))\b`,
    "|လုပ်ငန်းစဉ်|ပြေစာ|ငွေလွှဲမှု|ငွေလွှဲ ?(?=နံပါတ်|အမှတ်)|အော်ဒါနံပါတ်)",
    String.raw`(?:[\s.:#=()-]|\b(?:no|num|number|id|code|is)\b|နံပါတ်|အမှတ်|က){0,8}$`,
  ].join(""),
  "iu",
);

type Group = { start: number; end: number; digits: string };

/**
 * Card numbers: 13 to 19 digits with a right check digit, in any digits and with anything usual between them. A number
 * broken into groups must also begin and be as long as a card network's; phone numbers, amounts, dates and
 * payment references that are named, of no card network, are not cards. When in doubt it is a card: a stored one is worse than a hidden number.
 */
export function findCards(text: string): SecretSpan[] {
  return find(text, isUnbrokenCard);
}

/**
 * For fields in which long numbers are at home (references, parcels, accounts, barcodes): an unbroken number, too, must
 * begin and be as long as a card network's. No word before it excuses it.
 */
export function findNetworkCards(text: string): SecretSpan[] {
  return find(text, (digits) => isNetworkNumber(digits) && !isPhone(digits));
}

/** Whether an unbroken number of 13 to 19 digits with a right check digit is a card, by the text before it. */
type IsUnbrokenCard = (digits: string, before: string) => boolean;

/** What the groups of digits stand in. */
type Scene = { plain: string; phones: { start: number; end: number }[]; isUnbrokenCard: IsUnbrokenCard };

function find(text: string, isUnbrokenCard: IsUnbrokenCard): SecretSpan[] {
  const plain = toAsciiDigits(text);
  const masked = plain.replace(amount, (found) => "x".repeat(found.length));
  const phones = Array.from(plain.matchAll(phone), ({ index, 0: found }) => ({
    start: index,
    end: index + found.length,
  }));
  const spans: SecretSpan[] = [];
  for (const run of masked.matchAll(digitRun)) {
    const groups = Array.from(run[0].matchAll(/\d+/g), (group) => {
      const start = run.index + group.index;
      return { start, end: start + group[0].length, digits: group[0] };
    });
    spans.push(...findInGroups(groups, { plain, phones, isUnbrokenCard }));
  }
  return spans;
}

function findInGroups(groups: Group[], scene: Scene): SecretSpan[] {
  const spans: SecretSpan[] = [];
  for (let first = 0; first < groups.length; first += 1) {
    const last = longestCard(groups, first, (window) => isCard(window, scene));
    const start = groups[first]?.start;
    const end = last === undefined ? undefined : groups[last]?.end;
    if (last === undefined || start === undefined || end === undefined) continue;
    spans.push({ start, end, kind: "card" });
    first = last;
  }
  return spans;
}

/** Index of the last group of the longest card that begins with group `first`. */
function longestCard(
  groups: Group[],
  first: number,
  isCard: (window: Group[]) => boolean,
): number | undefined {
  let found: number | undefined;
  let length = 0;
  for (let last = first; last < groups.length; last += 1) {
    length += groups[last]?.digits.length ?? 0;
    if (length > 19) return found;
    if (length >= 13 && isCard(groups.slice(first, last + 1))) found = last;
  }
  return found;
}

function isCard(window: Group[], { plain, phones, isUnbrokenCard: isUnbroken }: Scene): boolean {
  const digits = window.map((group) => group.digits).join("");
  if (!hasLuhnDigit(digits)) return false;
  const start = window[0]?.start ?? 0;
  const end = window.at(-1)?.end ?? 0;
  if (window.length === 1) return isUnbroken(digits, plain.slice(Math.max(0, start - 48), start));
  if (!isNetworkNumber(digits)) return false;
  const sizes = window.map((group) => group.digits.length).join("-");
  if (/^4-4-4-(?:[1-3]|4(?:-[1-3])?)$|^4-6-[45]$/.test(sizes)) return !window.every(isRoundAmount);
  const touchesPhone = phones.some((number) => number.start < end && start < number.end);
  return !touchesPhone && !window.every(isRoundAmount);
}

function isUnbrokenCard(digits: string, before: string): boolean {
  const isDate = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])/.test(digits);
  return (
    !/^[01]/.test(digits) &&
    !isPhone(digits) &&
    !before.endsWith("+") &&
    !isDate &&
    (!referenceWord.test(before) || isNetworkNumber(digits))
  );
}

function isPhone(digits: string): boolean {
  return /^(?:95)?0?9\d{7,9}$/.test(digits);
}

/** A price like 4500 in a list of prices; no card has two zeros at the end of every group. */
function isRoundAmount(group: Group): boolean {
  return group.digits.length >= 3 && group.digits.endsWith("00");
}

/** Visa, Mastercard, UnionPay, Maestro, Discover, RuPay, Mir, Amex, Diners, JCB, and the national MPU of Myanmar. */
function isNetworkNumber(digits: string): boolean {
  return (
    /^4(?:\d{12}|\d{15}|\d{18})$/.test(digits) ||
    (/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|220[0-4])\d+$/.test(digits) && digits.length === 16) ||
    /^(?:50|5[6-8]|6\d)\d{11,17}$/.test(digits) ||
    /^3[47]\d{13}$/.test(digits) ||
    /^3(?:0[0-5]|[689]\d)\d{11,16}$/.test(digits) ||
    /^35\d{14,17}$/.test(digits) ||
    (/^(?:81|82|9503|9792|8600|9860)\d+$/.test(digits) && digits.length === 16)
  );
}

function hasLuhnDigit(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const value = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? value * 2 : value;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
