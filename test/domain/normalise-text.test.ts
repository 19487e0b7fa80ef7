import { expect, test } from "vitest";
import { normaliseText } from "../../domain/text/normalise-text.ts";
import { cpuMsOf } from "../support/cpu-time.ts";
import { fc } from "../support/properties.ts";

test("composes to NFC, so that two ways of typing compare equal", () => {
  expect(normaliseText("cafe\u0301")).toBe("café");
  expect(normaliseText("\u1025\u102E")).toBe("\u1026");
});

test("removes NUL and replaces lone surrogates", () => {
  expect(normaliseText("a\u0000b")).toBe("ab");
  expect(normaliseText("a\uD83Db\uDE42")).toBe("a\uFFFDb\uFFFD");
  expect(normaliseText("🙂")).toBe("🙂");
});

test("keeps 4,000 code points, however many units they are", () => {
  expect(normaliseText("က".repeat(5_000))).toHaveLength(4_000);
  expect(Array.from(normaliseText("🙂".repeat(5_000)))).toHaveLength(4_000);
  expect(normaliseText(`a${"🙂".repeat(5_000)}`)).not.toMatch(/\p{Surrogate}/u);
  expect(normaliseText("က".repeat(4_000))).toHaveLength(4_000);
});

test("keeps what people write: line ends, joiners, emoji families", () => {
  const text = "မင်္ဂလာပါ\n👨‍👩‍👧‍👦\tok\u200B";
  expect(normaliseText(text)).toBe(text);
});

test("cuts stacks of a thousand marks, which would take quadratic time", () => {
  let text = "";
  expect(cpuMsOf(() => (text = normaliseText(`a${"\u0301\u0323\u0344".repeat(10_000)}b`)))).toBeLessThan(100);
  expect(text.length).toBeLessThan(70);
  expect(text).toMatch(/^\u1EA1.*b$/u);
  expect(normaliseText(text)).toBe(text);
});

test("gives the same bytes when it is done twice or stored as UTF-8", () => {
  const anyUnits = fc
    .array(
      fc.oneof(
        fc.integer({ min: 0, max: 0xffff }),
        fc.constantFrom(0xd83d, 0xde42, 0x0301, 0x0344, 0x102e, 0x1025),
      ),
    )
    .map((units) => String.fromCharCode(...units));
  fc.assert(
    fc.property(anyUnits, (text) => {
      const once = normaliseText(text);
      expect(normaliseText(once)).toBe(once);
      expect(Buffer.from(once, "utf8").toString("utf8")).toBe(once);
      expect(once).not.toContain("\u0000");
    }),
  );
});
