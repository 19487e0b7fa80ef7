import { expect, test } from "vitest";

import { mayShowCode, readEmvCode } from "../../domain/payment/payment-code.ts";
import { emvCode } from "../../sim/payments/emv-code.ts";
import { fc } from "../support/properties.ts";

const code = (amount: number) =>
  emvCode({ merchantCode: "200001", merchantName: "Shop", amount, reference: "0123456789abcdef" });
const asked = { amountMinor: 47_500, currency: "MMK" } as const;

test("reads the fields of a code in EMVCo's form", () => {
  const fields = readEmvCode(code(47_500));
  expect([fields?.get("53"), fields?.get("54"), fields?.get("58")]).toEqual(["104", "47500", "MM"]);
});

test("the checksum is CRC-16/CCITT-FALSE", () => {
  // The check value of the algorithm: 29B1 over "123456789"; the code's own tag and length are part of the text.
  expect(readEmvCode("0009123456789")?.size).toBeUndefined();
  expect(code(1)).toMatch(/6304[0-9A-F]{4}$/u);
});

test("shows a code of exactly the amount that was asked for", () => {
  expect(mayShowCode(code(47_500), asked)).toBe(true);
  expect(mayShowCode(code(4_750), asked)).toBe(false);
  expect(mayShowCode(code(47_500), { amountMinor: 47_500, currency: "THB" })).toBe(false);
});

test("takes a text of the wallet's own as it is, if a camera can read it", () => {
  expect(mayShowCode("KBZ00aabbcc", asked)).toBe(true);
  expect(mayShowCode("", asked)).toBe(false);
  expect(mayShowCode("a\nb", asked)).toBe(false);
  expect(mayShowCode("x".repeat(513), asked)).toBe(false);
});

test("a code that was changed in one place is not shown", () => {
  const whole = code(47_500);
  fc.assert(
    fc.property(
      fc.integer({ min: 6, max: whole.length - 1 }),
      fc.constantFrom("0", "1", "2", "5", "8", "9", "A", "Z"),
      (at, sign) => {
        fc.pre(whole[at] !== sign);
        expect(mayShowCode(whole.slice(0, at) + sign + whole.slice(at + 1), asked)).toBe(false);
      },
    ),
  );
});
