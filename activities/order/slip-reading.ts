import { isCurrency } from "../../domain/money.ts";
import type { Currency } from "../../domain/money.ts";
import type { ProofReading } from "../../domain/payment/judge-proof.ts";
import { parseSlipAmount } from "../../domain/payment/parse-slip-amount.ts";
import type { SlipReading } from "../../domain/ports/model-client.ts";

/** What the model read, as amounts and dates; the shop's currency decides what a bare number means. */
export function toProofReading(reading: SlipReading, currency: Currency): ProofReading {
  const shown = reading.currency?.toUpperCase() ?? null;
  return {
    isLegible: reading.isLegible,
    amountMinor: reading.amount === null ? null : parseSlipAmount(reading.amount, currency),
    currency: shown !== null && isCurrency(shown) ? shown : null,
    reference: reading.reference,
    paidAt: reading.paidAt,
    payee: reading.payee,
  };
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
