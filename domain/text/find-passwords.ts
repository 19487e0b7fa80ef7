import { toZawgyi } from "./burmese.ts";
import { toAsciiDigits } from "./myanmar-digits.ts";
import type { SecretKind, SecretSpan } from "./secret-span.ts";

/** Burmese words as Unicode and Zawgyi keyboards write them, longest first. */
function spellings(...words: string[]): string {
  const all = new Set(words.flatMap((word) => [word, toZawgyi(word)]));
  return [...all].sort((left, right) => right.length - left.length).join("|");
}

const passwordWord = [
  String.raw`\b(?:pass ?(?:word|phrase|wd)|passwrod|pwd|kata sandi)\b`,
  spellings("စကားဝှက်", "လျှို့ဝှက်စကား", "လျှို့ဝှက်စကားလုံး", "ပတ်စဝပ်", "ပါစ်ဝပ်", "ပတ်စ်ဝါ့ဒ်", "ပါတ်စဝတ်"),
  "รหัสผ่าน",
].join("|");

/** Too short or too common to be a password without a colon behind them. */
const shortPasswordWord = String.raw`\b(?:pass|pw)\b`;

const codeWord = [
  String.raw`\b(?:otp|2fa|tac|passcode|cvv2?|cvc2?)(?![a-z])`,
  String.raw`\b(?:one[- ]?time|verification|verify|security|auth(?:entication|orization)?|confirmation|login|log-?in|sign-?in|secret) ?(?:pass ?)?(?:code|pin|number|no\.?|password)`,
  String.raw`\b(?:atm|card|kpay|kbzpay|wave|wavepay|my|your|account|secret) pin(?![a-z])`,
  String.raw`\bpin ?(?:code|number|no\.?)`,
  spellings(
    "အတည်ပြုကုဒ်",
    "အတည်ပြု ကုဒ်",
    "အတည်ပြုနံပါတ်",
    "အတည်ပြု code",
    "တစ်ခါသုံးကုဒ်",
    "တစ်ခါသုံး ကုဒ်",
    "လုံခြုံရေးကုဒ်",
    "လုံခြုံရေး ကုဒ်",
    "လျှို့ဝှက်နံပါတ်",
    "လျှို့ဝှက်ကုဒ်",
    "လျှို့ဝှက် ကုဒ်",
    "အိုတီပီ",
    "ပင်နံပါတ်",
    "ပင်ကုဒ်",
    "ပင် နံပါတ်",
  ),
  "รหัส ?otp",
].join("|");

/** Between the word and the secret: what says "is", and the words that belong to the first. */
const is = spellings("ကတော့", "က", "မှာ", "သည်", "ဆိုတာ", "ကို", "ပါ");
const link = String.raw`(?:\s|[:=>→"'“”(*.-]|\b(?:is|was|code|number|no|pin|for|the|my|your|to|login|kpay|kbzpay|wave|wavepay|facebook|account)\b|ကုဒ်|နံပါတ်|${is}){0,12}?`;

/** Four to eight digits, perhaps in two halves or with Google's prefix; not a phone, an amount, or a part of either. */
const code = String.raw`(?<![\d.,])(?:[A-Z]-)?\d(?:[\s-]?\d){3,7}(?![\d]|[.,]\d|[\s-]\d|\s*(?:ks|kyats?|mmk|k|usd|thb|ကျပ်|ပြား|pcs|ခု|ထည်)(?![a-z]))`;
const cardCode = String.raw`\d{3,4}(?!\d)`;

const notPasswords =
  /^(?:wrong|incorrect|invalid|not|no|required?|changed?|expired?|reset|the|too|forgot(?:ten)?|same|correct|weak|strong|missing|lost|private|safe|important|needed|for|to|and|or|is|was|please|protected|field|manager|removed|hidden|မေ့.*|မှား.*|မရ.*|ပြောင်း.*|သိ.*|ဘာ.*|လို.*|မသိ.*|ပေး.*|မလို.*|ချိန်း.*)[\p{P}]*$/iu;

type Rule = { pattern: RegExp; kind: SecretKind; isSecret?: (value: string) => boolean };

const rules: Rule[] = [
  {
    kind: "card",
    pattern: rule(
      String.raw`\b(?:cvv2?|cvc2?|(?:card )?security code)(?![a-z])${link}(?<secret>${cardCode})`,
    ),
  },
  { kind: "otp", pattern: rule(String.raw`(?:${codeWord})${link}(?<secret>${code})`) },
  {
    kind: "otp",
    pattern: rule(
      String.raw`\bpin\b[\s:=]{1,3}(?<secret>\d{6}|\d{4})(?![\d]|[.,]\d|\s*(?:ks|kyats?|mmk|k|ကျပ်|pcs|ခု)(?![a-z]))`,
    ),
    isSecret: isNoPrice,
  },
  {
    kind: "otp",
    pattern: rule(
      String.raw`(?<secret>${code})\s*(?:is|=|-|${is})?\s*(?:(?:the|your|my|for|facebook|google|kpay|kbzpay|wave|wavepay|login)\s+){0,3}(?:${codeWord})`,
    ),
  },
  {
    kind: "password",
    pattern: rule(
      String.raw`(?:${passwordWord}|${shortPasswordWord})\s*(?:is\s*)?[:=→>]+\s*["'“]?(?<secret>[^\s"'”]{3,200})`,
    ),
    isSecret: isPassword,
  },
  {
    kind: "password",
    pattern: rule(String.raw`(?:${passwordWord})\s*(?:is|was|-|${is})\s*["'“]?(?<secret>[^\s"'”]{3,200})`),
    isSecret: isPassword,
  },
  {
    kind: "password",
    pattern: rule(String.raw`(?:${passwordWord})\s+["'“]?(?<secret>[^\s"'”]{4,200})`),
    isSecret: (value) => isPassword(value) && /[\d@#$%^&*_+!]/.test(value) && !isPhone(value),
  },
];

/** Passwords, PINs and one-time codes, by the word that stands beside them, in English and Burmese. */
export function findPasswords(text: string): SecretSpan[] {
  const plain = toAsciiDigits(text);
  return rules.flatMap(({ pattern, kind, isSecret }) =>
    Array.from(plain.matchAll(pattern)).flatMap((match) => {
      const value = match.groups?.["secret"];
      const at = match.indices?.groups?.["secret"];
      if (value === undefined || at === undefined || isSecret?.(value) === false) return [];
      return [{ start: at[0], end: at[1], kind }];
    }),
  );
}

function rule(source: string): RegExp {
  return new RegExp(source, "dgiu");
}

/** `[password removed]`, our own mark, begins with a bracket. */
function isPassword(value: string): boolean {
  return !value.startsWith("[") && !notPasswords.test(value);
}

/** "I forgot my password 09…" gives a number to call. */
function isPhone(value: string): boolean {
  return /^\+?(?:95|0)9[\d-]{7,12}[\p{P}]*$/u.test(value);
}

function isNoPrice(value: string): boolean {
  return !value.endsWith("00");
}
