import { toAsciiDigits } from "../text/myanmar-digits.ts";

const shortestReference = 4;
const label = /^\s*(?:transaction|txn|trx|trans|ref(?:erence)?)?\.?\s*(?:id|no|number)?\s*[:.#]\s*/iu;

/**
 * A payment reference as it is compared and indexed: upper case letters and digits only.
 * Null when too little is left to tell two payments apart.
 */
export function normaliseReference(text: string): string | null {
  const reference = toAsciiDigits(text.normalize("NFKC"))
    .replace(/\s+/gu, " ")
    .replace(label, "")
    .toUpperCase()
    .normalize("NFKC")
    .replace(/[^\p{L}\p{N}]/gu, "");
  return reference.length < shortestReference ? null : reference;
}
