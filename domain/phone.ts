import type { CountryCode } from "libphonenumber-js";
import { parsePhoneNumberFromString } from "libphonenumber-js";
import { toAsciiDigits } from "./text/myanmar-digits.ts";

/** Countries whose shops we serve. */
export type PhoneCountry = Extract<CountryCode, "MM" | "ID" | "TH" | "SG" | "MY">;

/**
 * E.164 of the phone number that the text holds, the first if there are several, or undefined. Myanmar digits are read,
 * with the letters that are typed for them (ဝ for zero, ရ for seven). A prefix never refuses a Burmese mobile number:
 * new ranges appear before the tables know them.
 */
export function normalisePhone(text: string, country: PhoneCountry): string | undefined {
  const digits = toAsciiDigits(text.slice(0, 200).normalize("NFC"))
    .replace(/(?<=\d)\u101B(?![\u1000-\u109F])/g, "7")
    .replace(/[\u200B-\u200F\u2060\uFEFF]/g, "");
  const [first = ""] = digits.split(/[/,;\n၊]|(?<=\d{7}) +(?=0?9\d{7})/);
  const phone = parsePhoneNumberFromString(first, country);
  if (phone === undefined) return undefined;
  if (phone.country !== "MM") return phone.isValid() ? phone.number : undefined;
  if (/^9\d{7,9}$/.test(phone.nationalNumber)) return phone.number;
  // A land line counts only when it is dialled as one; "150000" is rather an amount.
  const isDialled = /(?:^|\D)(?:0|\+?95)\d*/.test(first);
  return isDialled && phone.isValid() ? phone.number : undefined;
}
