import { expect, test } from "vitest";
import { quoteLongIntegers } from "../../domain/messenger/quote-long-integers.ts";
import { fc } from "../support/properties.ts";

test("puts whole numbers of 16 and more digits into quotes", () => {
  expect(quoteLongIntegers('{"a":1234567890123456,"b":[-12345678901234567890]}')).toBe(
    '{"a":"1234567890123456","b":["-12345678901234567890"]}',
  );
});

test("leaves shorter numbers, fractions and exponents", () => {
  const json = '{"a":123456789012345,"b":1234567890123456.5,"c":1e400,"d":true,"e":1234567890123456e1}';
  expect(quoteLongIntegers(json)).toBe(json);
});

test.each([
  '{"text":"send 1234567890123456 now"}',
  String.raw`{"text":"quote \" 1234567890123456"}`,
  String.raw`{"text":"end \\","more":"1234567890123456"}`,
  String.raw`{"text":"\\\" 1234567890123456 \\\\"}`,
  String.raw`{"1234567890123456":"\u0022 1234567890123456"}`,
])("leaves digits inside strings: %s", (json) => {
  expect(quoteLongIntegers(json)).toBe(json);
});

test("changes no document without long numbers, and no text anywhere", () => {
  const text = fc.string({ unit: fc.constantFrom("\\", '"', "1", "1234567890123456", "၁", ":", ",", "e") });
  const leaf = fc.oneof(text, fc.integer(), fc.double({ noNaN: true, min: -1e9, max: 1e9 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(fc.dictionary(text, leaf)), (value) => {
      const json = JSON.stringify(value);
      expect(JSON.parse(quoteLongIntegers(json))).toEqual(JSON.parse(json));
    }),
  );
});

test("keeps every digit of every long number", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 10n ** 15n, max: 10n ** 25n }), (id) => {
      expect(JSON.parse(quoteLongIntegers(`[${id}]`))).toEqual([id.toString()]);
    }),
  );
});
