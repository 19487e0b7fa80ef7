import { expect, test } from "vitest";
import { toAsciiDigits } from "../../domain/text/myanmar-digits.ts";
import { fc } from "../support/properties.ts";

test.each([
  ["၀၁၂၃၄၅၆၇၈၉", "0123456789"],
  ["၁၅,၀၀၀ ကျပ်", "15,000 ကျပ်"],
  ["႐႑႒", "012"],
  ["๑๒๓ ١٢٣ ۴۵ १२ ៣៤ ５６", "123 123 45 12 34 56"],
  ["12 မှာ", "12 မှာ"],
])("reads %s", (text, expected) => {
  expect(toAsciiDigits(text)).toBe(expected);
});

test.each([
  ["၁၅ဝဝဝကျပ်", "15000ကျပ်"],
  ["၁၅ဝဝဝ ကျပ်", "15000 ကျပ်"],
  ["ဝ၉၇၇ဝ၁", "097701"],
  ["၁ဝခု", "10ခု"],
  ["15ဝဝ", "1500"],
])("reads the letter wa as zero in %s", (text, expected) => {
  expect(toAsciiDigits(text)).toBe(expected);
});

test.each([
  ["၂ဝယ်မယ်", "2ဝယ်မယ်"], // buy two
  ["၁ဝဝယ်မယ်", "10ဝယ်မယ်"], // buy ten
  ["၃ဝင်", "3ဝင်"],
  ["ဝယ်မယ် ၂", "ဝယ်မယ် 2"],
  ["အဝ၉", "အဝ9"],
])("keeps the letter wa of a word in %s", (text, expected) => {
  expect(toAsciiDigits(text)).toBe(expected);
});

test("keeps every position, and changes nothing when it is done twice", () => {
  const unit = fc.constantFrom("ဝ", "၁", "0", "ယ", "်", "က", " ", "🙂", "๙", "x");
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit }), fc.string({ unit: "binary" })), (text) => {
      const once = toAsciiDigits(text);
      expect(once).toHaveLength(text.length);
      expect(toAsciiDigits(once)).toBe(once);
    }),
  );
});
