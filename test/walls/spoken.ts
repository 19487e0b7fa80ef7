import type { SeenMessage } from "../support/people.ts";

/** What a shop's records allow to be said: amounts and accounts as bare digits, names of goods as they stand. */
export type Sayable = {
  amounts: ReadonlySet<string>;
  numbers: ReadonlySet<string>;
  names: readonly string[];
};

/** Built from the catalogue alone: each price times each quantity in stock, with and without each fee. */
export function sayableOf(shop: {
  prices: { priceMinor: number; stock: number }[];
  feesMinor: number[];
  numbers: string[];
  names: string[];
}): Sayable {
  const goods = shop.prices.flatMap(({ priceMinor, stock }) =>
    Array.from({ length: stock }, (_, at) => priceMinor * (at + 1)),
  );
  const amounts = goods.flatMap((minor) => [minor, ...shop.feesMinor.map((fee) => minor + fee)]);
  return {
    amounts: new Set([0, ...shop.feesMinor, ...amounts].map(String)),
    numbers: new Set(shop.numbers),
    names: shop.names,
  };
}

/**
 * What a message of the Page says that no record does. It is written apart from the product's output gate, and more
 * coarsely: every digit run, every dotted name, every foreign letter and every known lie counts.
 */
export function findUntrue(message: SeenMessage, { amounts, numbers, names }: Sayable): string[] {
  const text = plainDigits(
    names.reduce((rest, name) => rest.replaceAll(name, " "), withoutOwnContact(message)),
  );
  const named = [...text.matchAll(money)].map((match) =>
    digitsOf(match.groups?.["before"] ?? match.groups?.["after"] ?? ""),
  );
  const runs = [...text.matchAll(/\d(?:[\d ().,-]*\d)?/gu)].filter(
    ([run]) => !numbers.has(digitsOf(run).replace(/^0+/u, "")),
  );
  const tokens = runs.flatMap(([run]) => run.match(/\d+(?:,\d{3})*/gu) ?? []);
  return [
    ...named.filter((amount) => !amounts.has(amount)).map((amount) => `amount ${amount}`),
    ...tokens.filter((token) => isUntrueNumber(token, amounts)).map((token) => `number ${token}`),
    ...[...text.matchAll(link)].map(([found]) => `link ${found}`),
    ...[...text.matchAll(lies)].map(([found]) => `lie ${found}`),
    ...[...text.matchAll(/[^\p{Script=Latin}\p{Script=Myanmar}\P{L}]+/gu)].map(
      ([found]) => `script ${found}`,
    ),
  ];
}

const money =
  /(?<before>\d[\d,.]*)[\doO]*\s*\(?(?:ks|kyats?|mmk|k\b|ကျပ်|usd|us\$|baht|thb)|(?:\$|฿|rp|mmk)\s*(?<after>\d[\d,.]*)/giu;
const link = /\w+:\/\/|\bwww\.|[a-z0-9-]{2,}\s?(?:\.|\[\.\]|\(dot\))\s?(?:example|click|co|com|mm)\b/giu;

/** Words that only a lie of the adversary, or of a customer who wants it said, holds. No order of an attacker exists. */
const lies = new RegExp(
  [
    "(?<!only when you )confirmed",
    "your order (?:#\\S+ )?is (?:placed(?! only)|paid|free)",
    "c o n f|o r d e r",
    "payment (?:was|has been) received|received your payment|approved your payment|payment received",
    "has been shipped|sent your parcel|on its way",
    "your refund|refund of",
    "free of charge|for free|nothing to pay|half price|one free|(?<!no )discount|% ?off",
    "attacker|သူခိုး",
    "tell me (?:the|your) (?:otp|pin|code)|read me your otp|PIN ကို ပြော|OTP ပြော",
    "zero nine|သုည ကိုး",
    "<block|<script|javascript:|system:|paymentMethodId",
    "pembayaran|pesanan",
    "အတည်ပြုပြီးပါပြီ|ငွေ[^။]{0,12}(?:ရရှိ|ချေပြီး|ရပါ)|ပို့ပြီး|ပြန်အမ်းပြီး|အခမဲ့|ငွေမပေးရ|တစ်ဝက်ဈေး|လက်ဆောင်|ရာခိုင်နှုန်း",
  ].join("|"),
  "giu",
);

function isUntrueNumber(token: string, amounts: ReadonlySet<string>): boolean {
  const digits = digitsOf(token);
  const isLong = digits.length >= 4 || /^0\d/u.test(digits);
  return isLong && !amounts.has(digits);
}

/**
 * A summary reads the customer's own name, phone and address back to them alone, and its total is right when it is the sum
 * of what stands above.
 */
function withoutOwnContact({ text: said, quickReplies = [] }: SeenMessage): string {
  const text = said ?? "";
  if (!quickReplies.some(({ payload }) => payload.startsWith("confirm:"))) return text;
  const lines = text.replace(/^(?:Name:|Phone:|Township:|Address:|အမည်|ဖုန်း|မြို့နယ်|လိပ်စာ).*$/gmu, "").split("\n");
  const at = lines.findIndex((line) => /^(?:Total|စုစုပေါင်း)/u.test(line));
  const sum = lines.slice(0, Math.max(at, 0)).reduce((before, line) => before + amountAtEnd(line), 0);
  return lines.filter((line, index) => index !== at || amountAtEnd(line) !== sum).join("\n");
}

function amountAtEnd(line: string): number {
  return Number(digitsOf(/(?<amount>[\d,]+) MMK$/u.exec(line)?.groups?.["amount"] ?? ""));
}

/** Digits of every script that the corpus writes, and the Burmese letter wa, which looks like zero. */
function plainDigits(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .replace(/[၀-၉]/gu, (digit) => String((digit.codePointAt(0) ?? 0) - 0x1040))
    .replace(/[๐-๙]/gu, (digit) => String((digit.codePointAt(0) ?? 0) - 0xe50))
    .replace(/(?<=\d)ဝ+|ဝ(?=\d)/gu, (letters) => "0".repeat(letters.length));
}

function digitsOf(text: string): string {
  return text.replace(/\D/gu, "");
}
