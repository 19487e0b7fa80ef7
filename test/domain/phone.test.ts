import { expect, test } from "vitest";
import { normalisePhone } from "../../domain/phone.ts";
import { fc } from "../support/properties.ts";

test.each([
  "09771234567",
  "+959771234567",
  "959771234567",
  "9509771234567",
  "+9509771234567",
  "0095 9 771 234 567",
  "09-771-234-567",
  "(09) 771 234 567",
  "၀၉၇၇၁၂၃၄၅၆၇",
  "ဝ၉၇၇၁၂၃၄၅၆၇",
  "ဝ၉၇ရ၁၂၃၄၅၆ရ",
  "ဝ၉-၇၇၁ ၂၃၄ ၅၆၇",
  "ဖုန်း၀၉၇၇၁၂၃၄၅၆၇ပါ",
  "Ph: 09771234567 thanks",
  "09771234567 / 09781234567",
  "09771234567, 09781234567",
  "09771234567 09781234567",
  "09\u200B771234567",
])("reads %s as the same Burmese number", (text) => {
  expect(normalisePhone(text, "MM")).toBe("+959771234567");
});

test("takes every length of Burmese mobile numbers, and prefixes that are new", () => {
  for (const national of ["95012345", "977123456", "9712345678"]) {
    expect(normalisePhone(`0${national}`, "MM")).toBe(`+95${national}`);
  }
  for (const second of "0123456789") {
    expect(normalisePhone(`09${second}71234567`, "MM")).toBe(`+959${second}71234567`);
  }
});

test("takes a land line only when it is dialled as one", () => {
  expect(normalisePhone("01 234567", "MM")).toBe("+951234567");
  expect(normalisePhone("150000", "MM")).toBeUndefined();
});

test.each(["", "12345", "15000 ks", "၁၅၀၀၀ ကျပ်", "099999999999999", "hello", "09", "A-1042", "0977"])(
  "finds no number in %s",
  (text) => {
    expect(normalisePhone(text, "MM")).toBeUndefined();
  },
);

test("reads numbers of the other countries, and foreign ones by their plus", () => {
  expect(normalisePhone("0812-3456-7890", "ID")).toBe("+6281234567890");
  expect(normalisePhone("081 234 5678", "TH")).toBe("+66812345678");
  expect(normalisePhone("๐๘๑ ๒๓๔ ๕๖๗๘", "TH")).toBe("+66812345678");
  expect(normalisePhone("+66 81 234 5678", "MM")).toBe("+66812345678");
});

test("changes nothing when it is done twice", () => {
  const national = fc.integer({ min: 10_000_000, max: 999_999_999 }).map((rest) => `09${rest}`);
  fc.assert(
    fc.property(fc.oneof(national, fc.string()), (text) => {
      const once = normalisePhone(text, "MM");
      if (once !== undefined) expect(normalisePhone(once, "MM")).toBe(once);
    }),
  );
});
