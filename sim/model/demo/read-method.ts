import type { ShopBlock } from "../prompt-blocks.ts";
import { mentions, normalise, squeeze } from "./terms.ts";
import { isQuestion } from "./topics.ts";

export type PaymentMethod = ShopBlock["paymentMethods"][number];

/** How customers write the well-known wallets; a method of the shop that contains the key answers to all of these. */
const ALIASES: Record<string, RegExp> = {
  kbz: /\bk ?b ?z ?(?:pay)?\b|\bk ?pay\b|ကေပေး|ကေဘီဇက်|ကေဘီဇီ/u,
  wave: /\bwave ?(?:pay|money)?\b|ဝေ့ဗ်|ဝေ့ဖ်|ဝေ့/u,
  aya: /\baya ?(?:pay)?\b|အေယာ|ဧရာပေး/u,
  cb: /\bcb ?(?:pay|bank)\b|စီဘီ/u,
};
const BY_KIND: Record<string, RegExp> = {
  cod: /\bc ?o ?d\b|cash(?: on delivery)?|pay (?:on|at|upon) (?:delivery|arrival)|အိမ်ရောက်|ပစ္စည်းရောက်|ရောက်မှ|ရောက်ငွေချေ|လက်ငင်း|ငွေသား/u,
  transfer: /bank transfer|\btransfer\b|mobile banking|ငွေလွှဲ|ဘဏ်|လွှဲမယ်|လွှဲပါမယ်/u,
};

const PAYING =
  /\b(?:pay(?:ing|ment)?|money|account|bank|app|transfer|method|use|using)\b|ပေးချေ|ငွေ|နဲ့|ပေး|ချေ|လွှဲ/gu;

/** The one payment method that the customer chose; a question about a method chooses nothing. */
export function findMethod(
  parts: { text: string }[],
  methods: PaymentMethod[],
  isAsked: boolean,
): string | undefined {
  const chosen = parts
    .filter((part) => isAsked || !isQuestion(part.text))
    .map((part) => bestMethods(part.text, methods, isAsked))
    .findLast((found) => found.length === 1);
  return chosen?.[0]?.paymentMethodId;
}

export function isMethodNamed(text: string, methods: PaymentMethod[]): boolean {
  return bestMethods(text, methods, false).length > 0;
}

/** What a sentence says beside how it is to be paid. */
export function withoutMethods(text: string, methods: PaymentMethod[]): string {
  const patterns = [
    ...methods.map((method) => new RegExp(escape(normalise(method.name)), "gu")),
    ...[...Object.values(ALIASES), ...Object.values(BY_KIND)].map((pattern) => new RegExp(pattern, "gu")),
    PAYING,
  ];
  return patterns.reduce((rest, pattern) => rest.replace(pattern, " "), normalise(text));
}

/** "Baho Road No 12 kpay" ends with how it is to be paid, which is no part of the address. */
export function splitMethod(text: string, methods: PaymentMethod[]): string[] {
  const words = text.split(/(?<=\s)/u);
  for (let count = Math.min(3, words.length - 1); count > 0; count -= 1) {
    const end = words.slice(-count).join("");
    const isOnlyMethod = /^\p{L}/u.test(end) && squeeze(withoutMethods(end, methods)) === "";
    if (isOnlyMethod && isMethodNamed(end, methods)) return [words.slice(0, -count).join(""), end];
  }
  return [text];
}

function escape(name: string): string {
  return name.replace(/[$()*+.?[\\\]^{|}-]/gu, "\\$&");
}

function bestMethods(text: string, methods: PaymentMethod[], isAsked: boolean): PaymentMethod[] {
  const normal = normalise(text);
  const named = methods.filter((method) => isNamed(normal, method));
  if (named.length > 0) return named;
  const ofKind = methods.filter((method) => BY_KIND[method.kind]?.test(normal));
  if (ofKind.length > 0 || !isAsked) return ofKind;
  const position = /^\D*([1-9])\D*$/u.exec(normal)?.[1];
  const byPosition = position === undefined ? undefined : methods[Number(position) - 1];
  if (byPosition !== undefined) return [byPosition];
  const answer = squeeze(text);
  return answer.length < 3 ? [] : methods.filter((method) => squeeze(method.name).includes(answer));
}

function isNamed(normal: string, method: PaymentMethod): boolean {
  if (mentions(normal, method.name)) return true;
  const name = squeeze(method.name);
  return Object.entries(ALIASES).some(([key, alias]) => name.includes(key) && alias.test(normal));
}
