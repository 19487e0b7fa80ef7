import { expect, test } from "vitest";
import type { OrderId, PaymentMethodId, VariantId } from "../../domain/id.ts";
import { summaryHash } from "../../domain/order/summary-hash.ts";
import type { SummaryToHash } from "../../domain/order/summary-hash.ts";

const shirt = { variantId: "shirt" as VariantId, quantity: 2, unitPriceMinor: 15_000 };
const hat = { variantId: "hat" as VariantId, quantity: 1, unitPriceMinor: 8_000 };
const summary: SummaryToHash = {
  orderId: "order-1" as OrderId,
  lines: [shirt, hat],
  feeMinor: 3_000,
  discountMinor: 0,
  creditMinor: 0,
  totalMinor: 41_000,
  currency: "MMK",
  addressVersion: 4,
  paymentMethodId: "kbz" as PaymentMethodId,
};

test("the hash of a summary is stable and does not depend on the order of the lines", () => {
  expect(summaryHash(summary)).toMatch(/^[0-9a-f]{32}$/);
  expect(summaryHash({ ...summary, lines: [hat, shirt] })).toBe(summaryHash(summary));
});

test.each<[string, Partial<SummaryToHash>]>([
  ["order", { orderId: "order-2" as OrderId }],
  ["quantity", { lines: [{ ...shirt, quantity: 3 }, hat] }],
  ["price", { lines: [{ ...shirt, unitPriceMinor: 15_001 }, hat] }],
  ["lines", { lines: [shirt] }],
  ["fee", { feeMinor: 0 }],
  ["discount", { discountMinor: 1 }],
  ["credit", { creditMinor: 1 }],
  ["total", { totalMinor: 41_001 }],
  ["currency", { currency: "THB" }],
  ["address", { addressVersion: 5 }],
  ["payment method", { paymentMethodId: "wave" as PaymentMethodId }],
])("another %s gives another hash", (_, change) => {
  expect(summaryHash({ ...summary, ...change })).not.toBe(summaryHash(summary));
});
