import { toAsciiDigits } from "../text/myanmar-digits.ts";

/** Without 0, O, 1, I and L, which are taken for each other. */
const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const length = 8;
const isOfAlphabet = new RegExp(`^[${alphabet}]*$`);

/** `pick(n)` is a whole number below n, by chance: a code must not be guessed from another one. */
export function newReferralCode(pick: (below: number) => number): string {
  return Array.from({ length }, () => alphabet[pick(alphabet.length)]).join("");
}

/** As a person types or copies it; undefined when it can be no code. */
export function readReferralCode(text: string): string | undefined {
  const code = toAsciiDigits(text.normalize("NFKC")).replaceAll(/[\s-]/g, "").toUpperCase();
  return code.length === length && isOfAlphabet.test(code) ? code : undefined;
}
