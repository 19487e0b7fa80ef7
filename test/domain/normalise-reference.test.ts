import { expect, test } from "vitest";
import { normaliseReference } from "../../domain/payment/normalise-reference.ts";
import { fc } from "../support/properties.ts";

test.each([
  ["0100 4153 0712", "010041530712"],
  ["0100-4153-0712", "010041530712"],
  ["၀၁၀၀၄၁၅၃၀၇၁၂", "010041530712"],
  ["Transaction ID: 010041530712", "010041530712"],
  ["Ref No. : abC-123", "ABC123"],
  ["#010041530712", "010041530712"],
  ["REF20260301", "REF20260301"],
  ["id987654", "ID987654"],
])("%s is compared as %s", (text, reference) => {
  expect(normaliseReference(text)).toBe(reference);
});

test.each(["", "12", "—", "Ref: 1"])("%s is too little to tell payments apart", (text) => {
  expect(normaliseReference(text)).toBeNull();
});

test("normalising twice changes nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const once = normaliseReference(text);
      expect(once === null ? null : normaliseReference(once)).toBe(once);
    }),
  );
});
