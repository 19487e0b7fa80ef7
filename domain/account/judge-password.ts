import { commonPasswords } from "./common-passwords.ts";

export type PasswordProblem = "too_short" | "too_long" | "contains_email" | "common";

const shortest = 8;
const longest = 1_024;
/** A shorter local part ("aye") occurs in honest passphrases. */
const shortestLocalPart = 4;

/**
 * What is wrong with a password that somebody wants to have; null: nothing. No rules of composition: length, and what
 * attackers try first. The address itself is tried first of all.
 */
export function judgePassword(password: string, email: string): PasswordProblem | null {
  const text = password.normalize("NFC");
  const { length } = Array.from(text);
  if (length < shortest) return "too_short";
  if (length > longest) return "too_long";
  const lower = text.toLowerCase();
  if (containsEmail(lower, email.trim().normalize("NFC").toLowerCase())) return "contains_email";
  return isCommon(lower) ? "common" : null;
}

function containsEmail(lower: string, email: string): boolean {
  const [localPart = ""] = email.split("@");
  return (
    (email !== "" && lower.includes(email)) ||
    (localPart.length >= shortestLocalPart && lower.includes(localPart))
  );
}

/** Known ones, the product's own name, and one character or a short piece over and over. */
function isCommon(lower: string): boolean {
  return commonPasswords().has(lower) || /^shop-?thread\d*\W*$/.test(lower) || /^(.{1,4}?)\1+$/su.test(lower);
}
