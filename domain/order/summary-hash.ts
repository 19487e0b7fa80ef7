import { createHash } from "node:crypto";
import type { OrderId, PaymentMethodId } from "../id.ts";
import type { Currency } from "../money.ts";
import type { PricedLine } from "./price-order.ts";

export type SummaryToHash = {
  orderId: OrderId;
  lines: readonly PricedLine[];
  feeMinor: number;
  discountMinor: number;
  creditMinor: number;
  totalMinor: number;
  currency: Currency;
  /** Changes whenever name, phone, township or address change. */
  addressVersion: number;
  paymentMethodId: PaymentMethodId;
};

/** 32 hex digits over all that the customer confirms; the order of the lines does not matter. */
export function summaryHash(summary: SummaryToHash): string {
  const lines = summary.lines
    .map((line) => [line.variantId, line.quantity, line.unitPriceMinor] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const canonical = JSON.stringify([
    "summary/2",
    summary.orderId,
    lines,
    summary.feeMinor,
    summary.discountMinor,
    summary.creditMinor,
    summary.totalMinor,
    summary.currency,
    summary.addressVersion,
    summary.paymentMethodId,
  ]);
  return createHash("sha256").update(canonical).digest("hex").slice(0, 32);
}
