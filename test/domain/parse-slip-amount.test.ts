import { expect, test } from "vitest";
import { currencies, formatMoney, maxAmountMinor } from "../../domain/money.ts";
import type { Currency } from "../../domain/money.ts";
import { parseSlipAmount } from "../../domain/payment/parse-slip-amount.ts";
import { fc } from "../support/properties.ts";

test.each<[string, Currency, number]>([
  ["15000", "MMK", 15_000],
  ["15,000", "MMK", 15_000],
  ["15,000.00", "MMK", 15_000],
  ["-15,000.00 (Ks)", "MMK", 15_000],
  ["Amount: 15,000 Ks.", "MMK", 15_000],
  ["Ks 1,50,000", "MMK", 150_000],
  ["15,000 K", "MMK", 15_000],
  ["500 K", "MMK", 500],
  ["15k", "MMK", 15_000],
  ["12.5K", "MMK", 12_500],
  ["5000K", "MMK", 5_000],
  ["15000MMK", "MMK", 15_000],
  ["၁၅၀၀၀ ကျပ်", "MMK", 15_000],
  ["၁၅,၀၀၀ကျပ်", "MMK", 15_000],
  ["၁၅ဝဝဝ ကျပ်", "MMK", 15_000],
  ["ကျပ် ၁၅၀၀၀", "MMK", 15_000],
  ["၁.၅ သိန်း", "MMK", 150_000],
  ["၁ သိန်းခွဲ", "MMK", 150_000],
  ["၁ သိန်း ၅ သောင်း", "MMK", 150_000],
  ["၂သောင်း ၅ထောင် ကျပ်", "MMK", 25_000],
  ["သိန်း ၂၀", "MMK", 2_000_000],
  ["သိန်းပေါင်း ၁၀၀၀", "MMK", 100_000_000],
  ["1.5 lakh", "MMK", 150_000],
  ["15.000", "IDR", 15_000],
  ["Rp 50.000", "IDR", 50_000],
  ["Rp50.000,00", "IDR", 50_000],
  ["50rb", "IDR", 50_000],
  ["1,5jt", "IDR", 1_500_000],
  ["1,250.50 ฿", "THB", 125_050],
  ["1250", "THB", 125_000],
  ["$0.1", "USD", 10],
  ["０１５０００", "MMK", 15_000],
])("reads %s in %s as %d minor units", (text, currency, amountMinor) => {
  expect(parseSlipAmount(text, currency)).toBe(amountMinor);
});

test.each<[string, Currency]>([
  ["", "MMK"],
  ["Ks", "MMK"],
  ["15,00", "MMK"],
  ["15000.50", "MMK"],
  ["1.005", "USD"],
  ["15 USD", "MMK"],
  ["15 €", "MMK"],
  ["15,000 Ks fee 100 Ks", "MMK"],
  ["99999999999999999999", "MMK"],
  ["1.2.3", "MMK"],
])("does not guess at %s in %s", (text, currency) => {
  expect(parseSlipAmount(text, currency)).toBeNull();
});

test("whatever the program formats it can read back", () => {
  fc.assert(
    fc.property(fc.nat(maxAmountMinor), fc.constantFrom(...currencies), (amountMinor, currency) => {
      expect(parseSlipAmount(formatMoney({ amountMinor, currency }), currency)).toBe(amountMinor);
    }),
  );
});

test("any text is read or refused, never a float and never an exception", () => {
  const pieces = fc.constantFrom("1", "၅", "0", ".", ",", " ", "သိန်း", "ခွဲ", "k", "Ks", "ကျပ်", "-", "rb", "x");
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 14 }), (parts) => {
      const amount = parseSlipAmount(parts.join(""), "MMK");
      expect(amount === null || Number.isSafeInteger(amount)).toBe(true);
    }),
  );
});
