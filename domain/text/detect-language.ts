import type { Language } from "../shop/policies.ts";

/** Words that Burmese speakers type in Latin letters in the middle of a Burmese conversation. */
const neutralWords = new Set(
  "ok okay okie k hi hello hey yes no bye thanks thx ty ks mmk cod pcs size s m l xl xxl kpay kbzpay wave wavepay".split(
    " ",
  ),
);

/**
 * The language to answer in: Burmese when there are Burmese letters, else English, which also serves every language that
 * we do not speak. `previous` when the text tells nothing: digits, emoji, codes, a lone "ok".
 */
export function detectLanguage(text: string, previous?: Language): Language {
  if (/[\u1000-\u102A\u103F\u1050-\u1055\u105A-\u105D\u1075-\u1081\uAA60-\uAA7A]/.test(text)) return "my";
  const words = text.match(/[\p{L}\p{M}\p{N}'-]+/gu) ?? [];
  const tellsSomething = words.some((word) => !/\p{N}/u.test(word) && !neutralWords.has(word.toLowerCase()));
  return tellsSomething ? "en" : (previous ?? "en");
}
