import { toAsciiDigits } from "../text/myanmar-digits.ts";

/**
 * Whether a value that the model wants to save stands in the customer's own words, in any order and spelling of spaces
 * and punctuation. What the customer did not say is not saved.
 */
export function isSaidByCustomer(value: string, customerWords: readonly string[]): boolean {
  const said = comparable(customerWords.join("\n"));
  const parts = value
    .split(/[\s,၊။/;:()-]+/u)
    .map(comparable)
    .filter((part) => part !== "");
  return parts.length > 0 && parts.every((part) => said.includes(part));
}

const shortestTail = 6;

/** A phone in any spelling: its last digits must have been said. */
export function isPhoneSaidByCustomer(phone: string, customerWords: readonly string[]): boolean {
  const digits = digitsOf(phone);
  const tail = digits.slice(-Math.max(shortestTail, digits.length - 3));
  return tail.length >= shortestTail && digitsOf(customerWords.join("\n")).includes(tail);
}

function digitsOf(text: string): string {
  return toAsciiDigits(text)
    .replace(/(?<=\d)[ဝ](?=\d)|^[ဝ](?=\d)/gu, "0")
    .replace(/\D/gu, "");
}

function comparable(text: string): string {
  return toAsciiDigits(text.normalize("NFC"))
    .toLowerCase()
    .replace(/[\p{Cf}\p{P}\p{Z}\p{S}\s]/gu, "");
}
