import { isCurrency } from "../../domain/money.ts";
import type { Currency } from "../../domain/money.ts";
import type { ProofReading } from "../../domain/payment/judge-proof.ts";
import { parseSlipAmount } from "../../domain/payment/parse-slip-amount.ts";
import type { SlipReading } from "../../domain/ports/model-client.ts";
import { findNetworkCards } from "../../domain/text/find-cards.ts";

/**
 * What the model read, as amounts and dates; the shop's currency decides what a bare number means.
 *
 * A field that holds a card number is not kept, and the slip counts as illegible: the verdict is `unreadable`, the owner
 * looks at the picture, confirms with the amount, and may type the reference. So a false alarm costs a look and never a
 * payment. It is rare: KBZPay's references have 20 digits, cards at most 19; a shorter one must have a card's check digit
 * and begin and be as long as a card network's. No mark is left in the reference, for all marks would be one reference.
 */
export function toProofReading(reading: SlipReading, currency: Currency): ProofReading {
  const shown = reading.currency?.toUpperCase() ?? null;
  const amount = withoutCard(reading.amount);
  const reference = withoutCard(reading.reference);
  const payee = withoutCard(reading.payee);
  const isMasked = amount !== reading.amount || reference !== reading.reference || payee !== reading.payee;
  return {
    isLegible: reading.isLegible && !isMasked,
    amountMinor: amount === null ? null : parseSlipAmount(amount, currency),
    currency: shown !== null && isCurrency(shown) ? shown : null,
    reference,
    paidAt: reading.paidAt,
    payee,
  };
}

function withoutCard(text: string | null): string | null {
  return text === null || findNetworkCards(text).length > 0 ? null : text;
}

export const illegibleReading: ProofReading = {
  isLegible: false,
  amountMinor: null,
  currency: null,
  reference: null,
  paidAt: null,
  payee: null,
};

export function encodeReading(reading: ProofReading): string {
  return JSON.stringify(reading);
}

export function decodeReading(plaintext: Buffer): ProofReading {
  const stored = JSON.parse(plaintext.toString("utf8")) as Omit<ProofReading, "paidAt"> & {
    paidAt: string | null;
  };
  return { ...stored, paidAt: stored.paidAt === null ? null : new Date(stored.paidAt) };
}
