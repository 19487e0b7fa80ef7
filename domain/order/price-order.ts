import { AppError } from "../app-error.ts";
import type { VariantId } from "../id.ts";
import { maxAmountMinor } from "../money.ts";

export type PricedLine = { variantId: VariantId; quantity: number; unitPriceMinor: number };

export type OrderToPrice = {
  lines: readonly PricedLine[];
  /** Null while the township is not known; then no fee is counted. */
  zone: { feeMinor: number } | null;
  discountMinor: number;
  /** What the customer has with the shop; as much of it as there is to pay is taken off. */
  creditMinor: number;
};

export type OrderPrice = {
  /** In the order of the lines. */
  lineTotalsMinor: number[];
  linesMinor: number;
  feeMinor: number;
  discountMinor: number;
  /** Of the customer's credit. */
  creditMinor: number;
  totalMinor: number;
};

export const maxQuantity = 9_999;

/** Lines + delivery fee − discount − credit, never below zero. Throws `AppError("invalid")` for what no shop can mean: see the codes below. */
export function priceOrder({ lines, zone, discountMinor, creditMinor: hasMinor }: OrderToPrice): OrderPrice {
  if (lines.length === 0) throw refusal("order.empty", "no lines");
  const lineTotalsMinor = lines.map(lineTotal);
  const linesMinor = lineTotalsMinor.reduce((sum, total) => sum + total, 0);
  const feeMinor = amount(zone?.feeMinor ?? 0, "fee");
  amount(discountMinor, "discount");
  if (discountMinor > linesMinor) throw refusal("order.discount_too_large", "discount exceeds the lines");
  const owedMinor = amount(linesMinor + feeMinor - discountMinor, "total");
  const creditMinor = Math.min(amount(hasMinor, "credit"), owedMinor);
  const totalMinor = owedMinor - creditMinor;
  return { lineTotalsMinor, linesMinor, feeMinor, discountMinor, creditMinor, totalMinor };
}

function lineTotal({ variantId, quantity, unitPriceMinor }: PricedLine): number {
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > maxQuantity) {
    throw refusal("order.quantity_out_of_range", `variant ${variantId}: quantity ${quantity}`);
  }
  return amount(amount(unitPriceMinor, "unit price") * quantity, "line total");
}

function amount(amountMinor: number, what: string): number {
  if (!Number.isSafeInteger(amountMinor) || amountMinor < 0 || amountMinor > maxAmountMinor) {
    throw refusal("order.amount_out_of_range", `${what} ${amountMinor}`);
  }
  return amountMinor;
}

function refusal(code: string, internal: string): AppError {
  return new AppError("invalid", code, { internal });
}
