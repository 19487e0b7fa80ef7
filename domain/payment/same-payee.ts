import { toAsciiDigits } from "../text/myanmar-digits.ts";

/** Wallets print these before a name, or leave them out. */
const honorifics = new Set(["u", "daw", "ma", "ko", "mg", "maung", "dr", "mr", "mrs", "ms", "miss"]);
const burmeseHonorific = /^(?:ဦး|ဒေါ်|ကို|မောင်|ဒေါက်တာ)(?=.{4})/u;
const mask = "*";
const fewestVisible = 3;
/** A name and a number have room in it; a slip that says more is a trick, and would take long to compare. */
const longestPayee = 300;

/**
 * Whether the payee on a slip can be the account: by its number, in full or masked (`******1234`, `09***5678`), else by its
 * name, in full, masked (`H** Hla Win`) or within a longer text. A number that is shown and differs decides against it.
 */
export function isSamePayee(payee: string, account: { accountName: string; accountNumber: string }): boolean {
  const shown = comparable(payee.slice(0, longestPayee));
  const accountDigits = digitsOf(account.accountNumber);
  const number = accountDigits.length < fewestVisible ? undefined : shownNumber(shown);
  if (number !== undefined) {
    if (!isSameNumber(number, accountDigits)) return false;
    if (!number.includes(mask)) return true;
  }
  const name = nameWords(shown);
  if (name.length === 0) return number !== undefined;
  return isSameName(name, nameWords(comparable(account.accountName)), number === undefined);
}

/** Every masking sign becomes `*`; letters are lower case, digits ASCII. */
function comparable(text: string): string {
  return toAsciiDigits(text.normalize("NFKC"))
    .toLowerCase()
    .replace(/[•●·∙]|(?<=[*x\d])x|x(?=[*x\d])/gu, mask)
    .replace(/\p{Cf}/gu, "");
}

/** The first run of digits and masks with at least three digits, country code taken off. */
function shownNumber(text: string): string | undefined {
  for (const [run] of text.matchAll(/[\d*+][\d*\s().+-]*[\d*]/gu)) {
    const number = run.replace(/[^\d*]/gu, "");
    if (number.replaceAll(mask, "").length >= fewestVisible) return withoutPrefix(number);
  }
  return undefined;
}

function digitsOf(accountNumber: string): string {
  return withoutPrefix(comparable(accountNumber).replace(/\D/gu, ""));
}

/** +959…, 959…, 09… and 9… are one phone; leading zeros of bank accounts come and go likewise. */
function withoutPrefix(number: string): string {
  return number.replace(/^(?:0*95(?=9)|0+)/u, "");
}

function isSameNumber(shown: string, full: string): boolean {
  if (!shown.includes(mask)) return shown === full;
  const [prefix = "", ...rest] = shown.split(/\*+/u);
  const suffix = rest.at(-1) ?? "";
  return full.startsWith(prefix) && full.slice(prefix.length).endsWith(suffix);
}

function nameWords(text: string): string[] {
  return text
    .replace(/[^\p{L}\p{M}*]/gu, " ")
    .split(" ")
    .map((word) => word.replace(burmeseHonorific, ""))
    .filter((word) => /\p{L}/u.test(word));
}

function isSameName(shown: string[], account: string[], isAlone: boolean): boolean {
  const names = spellings(shown);
  return spellings(account).some((full) => names.some((name) => agrees(name, full, isAlone)));
}

/** The name with and without the honorifics that lead it; Ko Ko and Ma Ma are names as well. */
function spellings(words: string[]): string[] {
  const [first, ...rest] = words;
  if (first === undefined) return [];
  const whole = words.join("");
  return rest.length > 0 && honorifics.has(first) ? [whole, ...spellings(rest)] : [whole];
}

function agrees(name: string, full: string, isAlone: boolean): boolean {
  if (name.includes(mask)) {
    const visible = name.replaceAll(mask, "").length;
    return (!isAlone || visible >= fewestVisible) && isMaskOf(name, full);
  }
  return name === full || (full.length > fewestVisible && name.includes(full));
}

function isMaskOf(name: string, full: string): boolean {
  const pattern = name.split(/\*+/u).join("[\\p{L}\\p{M}]*");
  return new RegExp(`^${pattern}$`, "u").test(full);
}
