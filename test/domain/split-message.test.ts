import { describe, expect, test } from "vitest";
import { splitMessage } from "../../domain/text/split-message.ts";
import { fc } from "../support/properties.ts";

function withoutSpace(text: string): string {
  return text.replace(/\s+/g, "");
}

function graphemesOf(text: string): string[] {
  return Array.from(new Intl.Segmenter("my").segment(text), ({ segment }) => segment);
}

test("leaves a short text whole and makes nothing of an empty one", () => {
  expect(splitMessage("hello\nthere")).toEqual(["hello\nthere"]);
  expect(splitMessage("x".repeat(1_900))).toEqual(["x".repeat(1_900)]);
  expect(splitMessage(" \n ")).toEqual([]);
});

test("cuts at line ends before sentence ends, at sentence ends before spaces", () => {
  expect(splitMessage("one two. three\nfour five. six", 20)).toEqual(["one two. three", "four five. six"]);
  expect(splitMessage("One two three. Four five six", 20)).toEqual(["One two three.", "Four five six"]);
  expect(splitMessage("one two three four five six", 20)).toEqual(["one two three four", "five six"]);
});

test("cuts Burmese after a sentence", () => {
  const sentence = "ပို့ခ ၂,၀၀၀ ကျပ်ကျသင့်ပါမယ်။";
  expect(splitMessage(sentence.repeat(3), sentence.length * 2)).toEqual([sentence.repeat(2), sentence]);
});

test("cuts unspaced Burmese between words", () => {
  const parts = splitMessage("ရန်ကုန်မြို့မှာနေပါတယ်".repeat(10), 40);
  for (const part of parts) expect(part).toMatch(/^[\u1000-\u102A]/);
});

test("does not take the point in a price for the end of a sentence", () => {
  expect(splitMessage("Total is now 12.50 USD for it", 18)).toEqual(["Total is now 12.50", "USD for it"]);
});

describe("laws", () => {
  // A mark always has a letter: one that sits on a space goes with the space when a cut drops it.
  const unit = fc.constantFrom("a", "က်", "ကာ", "မြို့", "။", ". ", " ", "\n", "👨‍👩‍👧‍👦", "🇲🇲", "e\u0301", "၁၅,၀၀၀");
  const text = fc.oneof(fc.string({ unit, maxLength: 400 }), fc.string({ unit: "binary", maxLength: 400 }));

  test("every part fits, and together they are the text", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 12, max: 80 }), (whole, limit) => {
        const parts = splitMessage(whole, limit);
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(limit);
          expect(part.trim()).toBe(part);
          expect(part).not.toBe("");
        }
        expect(withoutSpace(parts.join(""))).toBe(withoutSpace(whole));
      }),
    );
  });

  test("no grapheme is cut that would fit", () => {
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 400 }), fc.integer({ min: 12, max: 80 }), (whole, limit) => {
        const known = new Set(graphemesOf(whole.trim()));
        for (const part of splitMessage(whole, limit)) {
          for (const grapheme of graphemesOf(part)) expect(known).toContain(grapheme);
        }
      }),
    );
  });

  test("a single endless grapheme is cut without breaking a pair", () => {
    const parts = splitMessage(`e${"\u0301".repeat(5_000)}`);
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(1_900);
    const flags = splitMessage(`a${"\u{E0061}".repeat(3_000)}`);
    expect(flags.join("")).toBe(`a${"\u{E0061}".repeat(3_000)}`);
    for (const part of flags) expect(part).not.toMatch(/\p{Surrogate}/u);
  });
});
