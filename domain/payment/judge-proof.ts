import type { Currency } from "../money.ts";
import { amountRead } from "./proof-reading.ts";
import type { ProofReading } from "./proof-reading.ts";
import { isSamePayee } from "./same-payee.ts";

export type Verdict = "matches" | "short" | "over" | "duplicate" | "stale" | "wrong_payee" | "unreadable";

export type ProofToJudge = {
  reading: ProofReading;
  /** `balanceMinor` is what is still to be paid: a second part is judged against the rest. */
  order: { currency: Currency; balanceMinor: number; placedAt: Date };
  method: { accountName: string; accountNumber: string };
  now: Date;
  /** The normalised reference is on another slip or accepted payment of this shop. */
  isReferenceKnown: boolean;
  isImageKnown: boolean;
};

const minute = 60_000;
/** Wallets and servers disagree on the time, and people pay while the order is being placed. */
const paidBeforeOrderMs = 15 * minute;
/** A slip's local time may have been read in another time zone. */
const paidAfterNowMs = 24 * 60 * minute;

/**
 * Advice for the owner, who decides. The first that holds:
 * 1. `duplicate`: the image or the reference was seen before, even where the rest cannot be read;
 * 2. `unreadable`: blurred, no amount, or another currency, so that nothing can be compared;
 * 3. `wrong_payee`: a payee is shown that is not the account of the method;
 * 4. `stale`: paid over 15 minutes before the order, or over 24 hours in the future;
 * 5. `short`, `over`, `matches`: by the amount against the balance.
 * What the slip does not show (payee, time, reference) is not judged.
 */
export function judgeProof(proof: ProofToJudge): Verdict {
  const { reading, order } = proof;
  if (proof.isImageKnown || proof.isReferenceKnown) return "duplicate";
  const amountMinor = amountRead(reading, order.currency);
  if (!reading.isLegible || amountMinor === null || amountMinor <= 0) return "unreadable";
  if (reading.payee !== null && !isSamePayee(reading.payee, proof.method)) return "wrong_payee";
  if (reading.paidAt !== null && isStale(reading.paidAt, order.placedAt, proof.now)) return "stale";
  if (amountMinor < order.balanceMinor) return "short";
  return amountMinor > order.balanceMinor ? "over" : "matches";
}

function isStale(paidAt: Date, placedAt: Date, now: Date): boolean {
  const paid = paidAt.getTime();
  return paid < placedAt.getTime() - paidBeforeOrderMs || paid > now.getTime() + paidAfterNowMs;
}
