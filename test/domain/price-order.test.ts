import { expect, test } from "vitest";
import { AppError } from "../../domain/app-error.ts";
import type { VariantId } from "../../domain/id.ts";
import { maxAmountMinor } from "../../domain/money.ts";
import { maxQuantity, priceOrder } from "../../domain/order/price-order.ts";
import { fc } from "../support/properties.ts";

const variant = (name: string) => name as VariantId;
const line = (quantity: number, unitPriceMinor: number) => ({
  variantId: variant("a"),
  quantity,
  unitPriceMinor,
});

test("adds lines and fee and takes the discount off", () => {
  const price = priceOrder({
    lines: [line(2, 15_000), line(1, 8_000)],
    zone: { feeMinor: 3_000 },
    discountMinor: 1_000,
    creditMinor: 0,
  });
  expect(price).toEqual({
    lineTotalsMinor: [30_000, 8_000],
    linesMinor: 38_000,
    feeMinor: 3_000,
    discountMinor: 1_000,
    creditMinor: 0,
    totalMinor: 40_000,
  });
});

test.each([
  { has: 500, credit: 500, total: 700 },
  { has: 1_200, credit: 1_200, total: 0 },
  { has: 5_000, credit: 1_200, total: 0 },
])("of a credit of $has takes $credit off, and never more than there is to pay", ({ has, credit, total }) => {
  const price = priceOrder({
    lines: [line(1, 1_000)],
    zone: { feeMinor: 300 },
    discountMinor: 100,
    creditMinor: has,
  });
  expect(price).toMatchObject({ creditMinor: credit, totalMinor: total });
});

test("counts no fee while the township is unknown", () => {
  expect(priceOrder({ lines: [line(1, 500)], zone: null, discountMinor: 0, creditMinor: 0 }).totalMinor).toBe(
    500,
  );
});

test.each([
  ["no lines", { lines: [], zone: null, discountMinor: 0, creditMinor: 0 }, "order.empty"],
  [
    "quantity 0",
    { lines: [line(0, 1)], zone: null, discountMinor: 0, creditMinor: 0 },
    "order.quantity_out_of_range",
  ],
  [
    "half a piece",
    { lines: [line(1.5, 1)], zone: null, discountMinor: 0, creditMinor: 0 },
    "order.quantity_out_of_range",
  ],
  [
    "10,000 pieces",
    { lines: [line(10_000, 1)], zone: null, discountMinor: 0, creditMinor: 0 },
    "order.quantity_out_of_range",
  ],
  [
    "a negative price",
    { lines: [line(1, -1)], zone: null, discountMinor: 0, creditMinor: 0 },
    "order.amount_out_of_range",
  ],
  [
    "a total above the limit",
    { lines: [line(2, maxAmountMinor)], zone: null, discountMinor: 0, creditMinor: 0 },
    "order.amount_out_of_range",
  ],
  [
    "a negative fee",
    { lines: [line(1, 1)], zone: { feeMinor: -5 }, discountMinor: 0, creditMinor: 0 },
    "order.amount_out_of_range",
  ],
  [
    "a negative discount",
    { lines: [line(1, 1)], zone: null, discountMinor: -5, creditMinor: 0 },
    "order.amount_out_of_range",
  ],
  [
    "a discount above the goods",
    { lines: [line(1, 100)], zone: { feeMinor: 50 }, discountMinor: 101, creditMinor: 0 },
    "order.discount_too_large",
  ],
])("refuses %s", (_, order, code) => {
  let thrown: unknown;
  try {
    priceOrder(order);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(AppError);
  expect(thrown).toMatchObject({ kind: "invalid", code });
});

test("a price is a sum of whole minor units, whatever the order of the lines", () => {
  const lines = fc.array(
    fc
      .record({ quantity: fc.integer({ min: 1, max: maxQuantity }), price: fc.nat(1_000_000) })
      .map(({ quantity, price }) => line(quantity, price)),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(lines, fc.nat(50_000), (lines, feeMinor) => {
      const forwards = priceOrder({ lines, zone: { feeMinor }, discountMinor: 0, creditMinor: 0 });
      const backwards = priceOrder({
        lines: lines.toReversed(),
        zone: { feeMinor },
        discountMinor: 0,
        creditMinor: 0,
      });
      expect(forwards.totalMinor).toBe(backwards.totalMinor);
      expect(forwards.totalMinor).toBe(forwards.linesMinor + feeMinor);
      expect(Number.isSafeInteger(forwards.totalMinor)).toBe(true);
    }),
  );
});
