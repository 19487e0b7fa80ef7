import { expect, test } from "vitest";

import { includedTax, invoiceNumber, seriesOf } from "../../domain/invoice/invoice.ts";
import { maxAmountMinor } from "../../domain/money.ts";
import { dayAt } from "../../domain/subscription/calendar.ts";
import { fc } from "../support/properties.ts";

test.each([
  ["invoice", "2026-12-31T17:29:59Z", "INV-2026"],
  ["invoice", "2026-12-31T17:30:00Z", "INV-2027"],
  ["credit_note", "2026-12-31T17:30:00Z", "CN-2027"],
] as const)("an %s of %s is of the series %s: its year is the platform's", (kind, at, series) => {
  expect(seriesOf(kind, new Date(at))).toBe(series);
});

test("numbers of a year sort as they were given", () => {
  const numbers = [1, 9, 10, 999_999].map((sequence) => invoiceNumber("INV-2026", sequence));
  expect(numbers).toEqual(["INV-2026-000001", "INV-2026-000009", "INV-2026-000010", "INV-2026-999999"]);
  expect(numbers.toSorted()).toEqual(numbers);
});

test("a day is the one that the shop's calendar shows", () => {
  const at = new Date("2026-12-31T16:00:00Z");
  expect(["Asia/Yangon", "Asia/Tokyo", "America/New_York"].map((timeZone) => dayAt(at, timeZone))).toEqual([
    "2026-12-31",
    "2027-01-01",
    "2026-12-31",
  ]);
});

test("the tax in a price is the nearest whole amount to its exact share, for every price and rate", () => {
  const amounts = fc.oneof(fc.nat(maxAmountMinor), fc.constantFrom(0, 1, 105, maxAmountMinor));
  fc.assert(
    fc.property(amounts, fc.nat(9_999), (amountMinor, rateBps) => {
      const tax = BigInt(includedTax(amountMinor, { label: "VAT", rateBps }).amountMinor);
      // Twice the difference to the exact share, in parts of the whole: at most one whole.
      const whole = 10_000n + BigInt(rateBps);
      const difference = 2n * (tax * whole - BigInt(amountMinor) * BigInt(rateBps));
      expect(difference > -whole && difference <= whole).toBe(true);
    }),
  );
  expect(includedTax(105, { label: "VAT", rateBps: 500 }).amountMinor).toBe(5);
});
