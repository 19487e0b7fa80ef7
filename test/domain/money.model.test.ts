import { expect, test } from "vitest";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { VariantId } from "../../domain/id.ts";
import { currencies, formatMoney, maxAmountMinor } from "../../domain/money.ts";
import type { Currency } from "../../domain/money.ts";
import { maxQuantity, priceOrder } from "../../domain/order/price-order.ts";
import { parseSlipAmount } from "../../domain/payment/parse-slip-amount.ts";
import { fc, runs } from "../support/properties.ts";

const decimals: Record<Currency, number> = { MMK: 0, IDR: 0, THB: 2, USD: 2, SGD: 2, MYR: 2 };
const currency = fc.constantFrom(...currencies);
const amount = fc.oneof(
  fc.bigInt({ min: -BigInt(maxAmountMinor), max: BigInt(maxAmountMinor) }),
  fc.constantFrom(0n, 1n, -1n, 99n, 100n, 999n, 1_000n, BigInt(maxAmountMinor), -BigInt(maxAmountMinor)),
);

test("an amount is written as exact decimal arithmetic writes it, in every currency", () => {
  fc.assert(
    fc.property(amount, currency, (exact, currency) => {
      const text = formatMoney({ amountMinor: Number(exact), currency });
      expect(text).toBe(
        `${exact < 0n ? "-" : ""}${writtenBy(exact < 0n ? -exact : exact, currency)} ${currency}`,
      );
      expect(text).not.toMatch(/e|NaN|Infinity|\.\d{3}/);
    }),
    { numRuns: runs(500) },
  );
});

/** Long division by hand, on integers of any size. */
function writtenBy(exact: bigint, currency: Currency): string {
  const unit = 10n ** BigInt(decimals[currency]);
  const groups: string[] = [];
  for (let rest = exact / unit; ; rest /= 1_000n) {
    if (rest < 1_000n) return [String(rest), ...groups].join(",") + fractionOf(exact % unit, currency);
    groups.unshift(String(rest % 1_000n).padStart(3, "0"));
  }
}

function fractionOf(rest: bigint, currency: Currency): string {
  return decimals[currency] === 0 ? "" : `.${String(rest).padStart(decimals[currency], "0")}`;
}

test("nothing at all is written without a minus", () => {
  for (const currency of currencies) expect(formatMoney({ amountMinor: -0, currency })).not.toContain("-");
});

test.each<[string, number | null]>([
  ["9007199254740991", null],
  ["9007199254740992", null],
  ["9007199254740993", null],
  ["9223372036854775808", null],
  ["9000000000000", 9_000_000_000_000],
  ["9000000000001", null],
  ["1e400", null],
  ["1e3", null],
  ["0x10", null],
  ["NaN", null],
  ["Infinity", null],
  ["1,000", 1_000],
  ["1.000,00", 1_000],
  ["1,00", null],
  ["1 000", null],
  ["1_000", null],
  ["၁၂၃၀၀", 12_300],
  ["၁၂,၃၀၀ ကျပ်", 12_300],
  ["１２３００", 12_300],
  ["١٢٣٠٠", 12_300],
  ["5 သိန်း", 500_000],
  ["၅ သိန်း", 500_000],
  ["၁.၅ သိန်း", 150_000],
  ["သိန်း ၂၀", 2_000_000],
  ["12k", 12_000],
  ["12.5k", 12_500],
  ["-0", 0],
  ["00012", 12],
  ["0.5", null],
  ["9".repeat(300), null],
  [`${"0".repeat(300)}5`, 5],
  [`${"9".repeat(300)} သိန်း`, null],
  ["99999999 ကုဋေ", null],
])("%s on a slip is %s kyats", (text, amountMinor) => {
  const read = parseSlipAmount(text, "MMK");
  expect(read === null ? null : read + 0).toBe(amountMinor);
});

test("digits of any script, with units, are read as exact arithmetic reads them, or not at all", () => {
  const zeros = fc.constantFrom(0x30, 0x1040, 0x1090, 0x0e50, 0x0660, 0x06f0, 0x0966, 0xff10);
  const units = fc.constantFrom<[string, bigint]>(
    ["", 1n],
    [" ထောင်", 1_000n],
    [" သောင်း", 10_000n],
    [" သိန်း", 100_000n],
    [" သန်း", 1_000_000n],
  );
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 20n }),
      zeros,
      units,
      currency,
      (digits, zero, unit, currency) => {
        const [word, factor] = unit;
        const written = String(digits).replace(/\d/g, (digit) => String.fromCharCode(zero + Number(digit)));
        const exact = digits * factor * 10n ** BigInt(decimals[currency]);
        const expected = exact <= BigInt(maxAmountMinor) ? Number(exact) : null;
        expect(parseSlipAmount(`${written}${word}`, currency)).toBe(expected);
      },
    ),
    { numRuns: runs(500) },
  );
});

const anyNumber = fc.oneof(
  fc.constantFrom(0, -0, -1, 0.5, 1, NaN, Infinity, -Infinity, 2 ** 53, 2 ** 53 - 1, maxAmountMinor, 5e-324),
  fc.integer({ min: -10, max: 20_000 }),
  fc.nat(maxAmountMinor),
);

test("an order's price is what exact arithmetic says, or it is refused; no overflow gets through", () => {
  const lines = fc.array(fc.record({ quantity: anyNumber, unitPriceMinor: anyNumber }), { maxLength: 5 });
  fc.assert(
    fc.property(lines, anyNumber, anyNumber, (lines, feeMinor, discountMinor) => {
      const order = {
        lines: lines.map((line) => ({ ...line, variantId: newId<VariantId>() })),
        zone: { feeMinor },
        discountMinor,
        creditMinor: 0,
      };
      const exact = exactTotal(order);
      if (exact === undefined) {
        expect(() => priceOrder(order)).toThrow(AppError);
        return;
      }
      const { totalMinor, lineTotalsMinor, linesMinor } = priceOrder(order);
      expect(BigInt(totalMinor)).toBe(exact);
      expect(linesMinor).toBe(lineTotalsMinor.reduce((sum, line) => sum + line, 0));
    }),
    { numRuns: runs(1_000) },
  );
});

type Order = Parameters<typeof priceOrder>[0];

function exactTotal({ lines, zone, discountMinor }: Order): bigint | undefined {
  const isAmount = (value: number) => Number.isInteger(value) && value >= 0 && value <= maxAmountMinor;
  const isCount = (value: number) => Number.isInteger(value) && value >= 1 && value <= maxQuantity;
  const feeMinor = zone?.feeMinor ?? 0;
  if (lines.length === 0 || !isAmount(feeMinor) || !isAmount(discountMinor)) return undefined;
  let sum = 0n;
  for (const { quantity, unitPriceMinor } of lines) {
    if (!isCount(quantity) || !isAmount(unitPriceMinor)) return undefined;
    const line = BigInt(quantity) * BigInt(unitPriceMinor);
    if (line > BigInt(maxAmountMinor)) return undefined;
    sum += line;
  }
  const total = sum + BigInt(feeMinor) - BigInt(discountMinor);
  return BigInt(discountMinor) > sum || total > BigInt(maxAmountMinor) ? undefined : total;
}
