import { isCurrency } from "../../domain/money.ts";
import type { Currency } from "../../domain/money.ts";
import type { ProofReading } from "../../domain/payment/proof-reading.ts";
import { parseSlipAmount } from "../../domain/payment/parse-slip-amount.ts";
import type { SlipReading } from "../../domain/ports/model-client.ts";
import { findNetworkCards } from "../../domain/text/find-cards.ts";

/**
 * What the model read, as amounts and dates; the shop's currency decides what a bare number means, and a currency that
 * we do not know leaves nothing to compare.
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
  const known = shown === null ? currency : isCurrency(shown) ? shown : null;
  return {
    isLegible: reading.isLegible && !isMasked && known !== null,
    amountMinor: amount === null || known === null ? null : parseSlipAmount(amount, known),
    currency: shown === null ? null : known,
    reference,
    paidAt: reading.paidAt,
    payee,
  };
}

function withoutCard(text: string | null): string | null {
  return text === null || findNetworkCards(text).length > 0 ? null : text;
}
