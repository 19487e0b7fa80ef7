import { toAsciiDigits } from "../text/myanmar-digits.ts";

export const payoutAccountKinds = ["kbzpay", "wavepay", "bank"] as const;
export type PayoutAccountKind = (typeof payoutAccountKinds)[number];

/** What is sealed, as JSON. `bank` is empty for a wallet. */
export type PayoutDetails = { accountName: string; accountNumber: string; bank: string };

/** Of which the blind index is made: the same account is the same text, however its number was written. */
export function payoutAccountName(kind: PayoutAccountKind, { accountNumber, bank }: PayoutDetails): string {
  return [kind, bank, accountNumber].map(plain).join("|");
}

function plain(text: string): string {
  return toAsciiDigits(text.normalize("NFKC"))
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}]/gu, "");
}

const fewestDigits = 6;

/** Phones and accounts have more digits than that; what has fewer is a slip of the hand. */
export function canBeAccountNumber(accountNumber: string): boolean {
  return (plain(accountNumber).match(/\d/g) ?? []).length >= fewestDigits;
}

const shownSigns = 4;

/** Enough for its owner to know it again: the last four signs, of a short number fewer. */
export function maskAccountNumber(accountNumber: string): string {
  const signs = Array.from(accountNumber.replaceAll(/\s/g, ""));
  const shown = Math.min(shownSigns, Math.floor(signs.length / 2));
  return "•".repeat(4) + signs.slice(signs.length - shown).join("");
}

/** The first letter of each word, with the marks that belong to it. */
export function maskAccountName(accountName: string): string {
  return accountName
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => `${/^.\p{M}*/u.exec(word)?.[0] ?? ""}•••`)
    .join(" ");
}
