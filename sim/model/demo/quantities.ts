import { normalise } from "./terms.ts";

const ENGLISH: Record<string, number> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  dozen: 12,
  twenty: 20,
};
const BURMESE: Record<string, number> = {
  တစ်: 1,
  တ: 1,
  နှစ်: 2,
  သုံး: 3,
  လေး: 4,
  ငါး: 5,
  ခြောက်: 6,
  ခုနစ်: 7,
  ခုနှစ်: 7,
  ရှစ်: 8,
  ကိုး: 9,
};
/** A Burmese number word counts only before a classifier: alone, the same letters are parts of other words. */
const CLASSIFIER =
  "(?:ထည်|ခု(?!ခု)|လုံး|ဘူး|ဗူး|စုံ|ရံ|ချောင်း|အုပ်|စီး|ဖက်|ထုပ်|ပုလင်း|ခွက်|ကောင်|ပွဲ|ချပ်|ရွက်|စည်း|ပိဿာ|တောင့်|ကွင်း|လက်|ပတ်|ဖြာ|ကဒ်|တွဲ|ဒါဇင်|ကွက်|အိတ်|ယောက်)";
const DIGIT = Object.keys(BURMESE)
  .sort((a, b) => b.length - a.length)
  .join("|");
const BURMESE_NUMBER = new RegExp(
  `(?<![\\u1000-\\u102a](?=တ))(?:(${DIGIT})?(ဆယ့်|ဆယ်)(${DIGIT})?|(${DIGIT}))\\s*${CLASSIFIER}`,
  "u",
);
const COUNTED = new RegExp(
  `(?<![\\d.,-])(\\d{1,5})\\s*(?:x\\b|×|pcs?\\b|pieces?\\b|pairs?\\b|${CLASSIFIER})`,
  "u",
);
const TIMES = /(?<![\p{L}\d])(?:x|×)\s*(\d{1,5})(?!\d)/u;
const MONEY = /\d[\d,.]*\s*(?:ks|kyats?|mmk|baht|thb|usd|\$|ကျပ်|သောင်း|သိန်း|ထောင်)|\d{5,}|\d{1,3}(?:,\d{3})+/gu;

/**
 * The number of pieces that a text asks for; undefined when it names none.
 * @param notCounts numbers that belong to names of products or options ("39", "500")
 */
export function readQuantity(text: string, notCounts: ReadonlySet<string> = new Set()): number | undefined {
  const normal = normalise(text).replace(MONEY, " ");
  const counted = Number(COUNTED.exec(normal)?.[1] ?? TIMES.exec(normal)?.[1] ?? Number.NaN);
  if (!Number.isNaN(counted)) return counted;
  const burmese = readBurmeseNumber(normal);
  if (burmese !== undefined) return burmese;
  const bare = (normal.match(/(?<![\d.,\p{L}-])\d{1,4}(?![\d.,]|\p{L})/gu) ?? []).find(
    (number) => !notCounts.has(number),
  );
  if (bare !== undefined) return Number(bare);
  const word = normal.match(/[a-z]+/gu)?.find((word) => ENGLISH[word] !== undefined);
  return word === undefined ? undefined : ENGLISH[word];
}

/** The second of the numbers in "1 red and 2 blue" belongs to the second thing. */
export function splitWishes(text: string): string[] {
  return text
    .split(/\s+and\s+|\s*[,;+&\n၊။]\s*|\s+plus\s+|(?:နဲ့|နှင့်)(?=\s)|(?<=\s|ထည်|ခု|လုံး|ဘူး|ဗူး|စုံ|ရံ)(?:နဲ့|နှင့်)/iu)
    .filter((part) => part.trim() !== "");
}

function readBurmeseNumber(normal: string): number | undefined {
  const found = BURMESE_NUMBER.exec(normal);
  if (found === null) return undefined;
  const [, tens, ten, ones, single] = found;
  if (single !== undefined) return BURMESE[single];
  return (BURMESE[tens ?? "တစ်"] ?? 1) * (ten === undefined ? 0 : 10) + (BURMESE[ones ?? ""] ?? 0);
}
