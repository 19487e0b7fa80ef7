import { toUnicode } from "../text/burmese.ts";
import { toAsciiDigits } from "../text/myanmar-digits.ts";

/** Nobody below it may use the product, whatever a shop would allow. */
const adultAge = 18;

/**
 * Whether the writer says of themselves, in the first person, to be younger than 18: "I'm 15", "ကျွန်တော် ၁၅ နှစ်". Of a
 * child, of goods or of a time it says nothing; in doubt it is false, since a wrong yes ends a conversation.
 */
export function saysToBeMinor(text: string): boolean {
  const plain = toAsciiDigits(toUnicode(text).text.normalize("NFKC"))
    .toLowerCase()
    .replace(/[\u2018\u2019\u02bc`]/gu, "'");
  return isMinorInEnglish(plain) || isMinorInBurmese(plain);
}

const numbers = [
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
  "thirteen",
  "fourteen",
  "fifteen",
  "sixteen",
  "seventeen",
];
const youngest = 6;

const me = String.raw`(?<![\p{L}\p{N}])i\s*(?:'m|am|m)\s+(?:only\s+|just\s+|still\s+)?`;
const age = String.raw`(\d{1,2}|${numbers.join("|")})`;
const yearsOld = String.raw`(?:\s*-?\s*(?:years?|yrs?)\s*-?\s*(?:old|of\s+age)|\s*y\s*\/?\s*o(?![\p{L}]))`;
/** What may follow a bare number: the sentence ends there, or goes on to another thought. */
const ending = String.raw`(?:\s*(?:years?|yrs?))?(?=\s*(?:$|[\n;!?။၊]|[.,](?!\d)|(?:and|so|but|can|is)(?![\p{L}])))`;

const saidOutright = [
  new RegExp(`${me}(?:an?\\s+)?${age}${yearsOld}`, "gu"),
  new RegExp(String.raw`(?<![\p{L}])my\s+age\s+is\s+${age}(?![\d.,:%]*\d)`, "gu"),
];
const saidBare = new RegExp(`${me}${age}${ending}`, "gu");
const saidWithoutNumber = new RegExp(
  `${me}(?:(?:under|below|not)\\s+18(?:\\s+yet)?(?![\\d])|underage|an?\\s+minor(?![\\p{L}]))`,
  "u",
);
/** Before it the sentence supposes, or tells of another time or person. */
const supposing = /(?:\b(?:if|when|since|before|until|like|as)\s+|["'“]\s*)$/u;
/** A number after "I am" may be a size. */
const ofSize = /(?<![\p{L}])(?:sizes?|waist|shoes?|bra|fit|cm|inch(?:es)?|eu|uk|us)(?![\p{L}])/u;

function isMinorInEnglish(text: string): boolean {
  if (saidWithoutNumber.test(text) && !supposing.test(text.slice(0, text.search(saidWithoutNumber))))
    return true;
  if (saidOutright.some((pattern) => hasMinor(text, pattern))) return true;
  return !ofSize.test(text) && hasMinor(text, saidBare);
}

function hasMinor(text: string, pattern: RegExp): boolean {
  return [...text.matchAll(pattern)].some(
    (found) => isMinorAge(found[1] ?? "") && !supposing.test(text.slice(0, found.index)),
  );
}

function isMinorAge(word: string): boolean {
  const index = numbers.indexOf(word);
  const years = index === -1 ? Number(word) : index + youngest;
  return years >= youngest && years < adultAge;
}

const burmeseMe = "(?:ကျွန်တော်|ကျွန်တော့်|ကျနော်|ကျနော့်|ကျွန်မ|ကျမ|ငါ)";
const burmeseNumbers: Record<string, number> = {
  ဆယ့်တစ်: 11,
  ဆယ့်နှစ်: 12,
  ဆယ့်သုံး: 13,
  ဆယ့်လေး: 14,
  ဆယ့်ငါး: 15,
  ဆယ့်ခြောက်: 16,
  ဆယ့်ခုနစ်: 17,
  ဆယ့်ခုနှစ်: 17,
};
const burmeseAge = `(\\d{1,2}|${Object.keys(burmeseNumbers).join("|")})`;
/** A pronoun, then the age and nothing between them; what follows must not make a time or a warranty of it. */
const burmeseSaid = new RegExp(
  `${burmeseMe}(?:က|ရဲ့|၏)?\\s*(?:အသက်\\s*(?:က)?)?\\s*${burmeseAge}\\s*နှစ်\\s*(?=$|[\\n။၊.,!?]|ပါ|ပဲ|သား|သမီး|ရှိ|အရွယ်|ပြည့်|တည်း|ကျောင်း)`,
  "gu",
);
const burmeseNotYet = new RegExp(`${burmeseMe}(?:က)?\\s*(?:အသက်\\s*(?:က)?)?\\s*(\\d{1,2})\\s*နှစ်\\s*မပြည့်`, "u");

function isMinorInBurmese(text: string): boolean {
  const notYet = burmeseNotYet.exec(text)?.[1];
  if (notYet !== undefined && Number(notYet) <= adultAge) return true;
  return [...text.matchAll(burmeseSaid)].some(([, word = ""]) => {
    const years = burmeseNumbers[word] ?? Number(word);
    return years >= youngest && years < adultAge;
  });
}
