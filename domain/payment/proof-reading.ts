import type { Currency } from "../money.ts";

/** What stands on a slip, parsed; null where it shows nothing. All of it is the customer's claim. */
export type ProofReading = {
  isLegible: boolean;
  amountMinor: number | null;
  /** Null: none is shown. */
  currency: Currency | null;
  reference: string | null;
  paidAt: Date | null;
  payee: string | null;
};

export const illegibleReading: ProofReading = {
  isLegible: false,
  amountMinor: null,
  currency: null,
  reference: null,
  paidAt: null,
  payee: null,
};

/** The amount in minor units of the currency that is asked for; null where the slip shows none, or another currency. */
export function amountRead(
  reading: Pick<ProofReading, "amountMinor" | "currency"> | null,
  currency: Currency,
): number | null {
  const isForeign =
    reading?.currency !== undefined && reading.currency !== null && reading.currency !== currency;
  return isForeign ? null : (reading?.amountMinor ?? null);
}

export function encodeReading(reading: ProofReading): string {
  return JSON.stringify(reading);
}

/** Of our own bytes, sealed by `encodeReading`. */
export function decodeReading(plaintext: Buffer): ProofReading {
  const stored = JSON.parse(plaintext.toString("utf8")) as Omit<ProofReading, "paidAt"> & {
    paidAt: string | null;
  };
  return { ...stored, paidAt: stored.paidAt === null ? null : new Date(stored.paidAt) };
}
