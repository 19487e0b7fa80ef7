import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { humanAgentWindow, windowState } from "../../domain/conversation/message-window.ts";
import { normalisePhone } from "../../domain/phone.ts";
import { toUnicode, toZawgyi } from "../../domain/text/burmese.ts";
import { maxTextCodePoints, normaliseText } from "../../domain/text/normalise-text.ts";
import { splitMessage } from "../../domain/text/split-message.ts";
import { fc, runs } from "../support/properties.ts";

const graphemes = new Intl.Segmenter("my", { granularity: "grapheme" });
/** What has broken texts before: halves of pairs, marks, joiners, directions, flags, markup, and signs that look like nothing. */
const traps = fc.constantFrom(
  "\u0000",
  "\uD83D",
  "\uDE42",
  "\uFFFE",
  "\uFEFF",
  "\u200B",
  "\u200D",
  "\u202E",
  "\u2066",
  "\u2028",
  "\u001B[31m",
  "\r\n",
  "\n",
  " ",
  "a",
  "e\u0301",
  "q\u0323\u0301",
  "\u0301",
  "က်",
  "မြို့",
  "ၵႃႈ",
  "ဥ\u102E",
  "👨‍👩‍👧‍👦",
  "🇲🇲",
  "👍🏽",
  "ﷺ",
  "{{x}}",
  "${x}",
  "%s",
  "=1+1",
  "<b>",
  "[a](b)",
  "'; --",
  "。",
  "။",
  "၁၅,၀၀၀",
);
const trapped = fc.string({ unit: traps, maxLength: 200, size: "max" });

test("a text is normalised once: NFC, whole pairs, no NUL, within its limit, and the same bytes everywhere", () => {
  fc.assert(
    fc.property(trapped, (text) => {
      const once = normaliseText(text);
      expect(once).toBe(normaliseText(once));
      expect(once).toBe(once.normalize("NFC"));
      expect(once).not.toMatch(/[\p{Surrogate}]/u);
      expect(once.includes("\u0000")).toBe(false);
      expect(Array.from(once).length).toBeLessThanOrEqual(maxTextCodePoints);
      expect(Buffer.byteLength(once)).toBeLessThanOrEqual(4 * maxTextCodePoints);
      expect(JSON.parse(JSON.stringify(once))).toBe(once);
      expect(Buffer.from(once).toString()).toBe(once);
    }),
    { numRuns: runs(200) },
  );
});

test("what is cut to the limit is cut the same, from wherever it came", () => {
  const long = fc
    .tuple(traps, fc.integer({ min: 1_900, max: 9_000 }))
    .map(([unit, times]) => unit.repeat(times));
  fc.assert(
    fc.property(long, (text) => {
      const once = normaliseText(text);
      expect(normaliseText(once)).toBe(once);
      expect(Array.from(once).length).toBeLessThanOrEqual(maxTextCodePoints);
    }),
    { numRuns: runs(40) },
  );
});

test("a message is cut between graphemes, into parts that Messenger takes, and nothing is lost", () => {
  const long = fc.array(fc.tuple(traps, fc.constantFrom(1, 40, 700)), {
    minLength: 1,
    maxLength: 8,
    size: "max",
  });
  fc.assert(
    fc.property(long, (pieces) => {
      const text = normaliseText(pieces.map(([unit, times]) => unit.repeat(times)).join(""));
      const parts = splitMessage(text);
      expect(parts.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
      const borders = new Set(Array.from(graphemes.segment(text), ({ index }) => index));
      let at = 0;
      for (const part of parts) {
        expect(part.length).toBeLessThan(2_000);
        at = text.indexOf(part, at);
        expect(at).toBeGreaterThanOrEqual(0);
        // What is longer than a message by itself, such as a row of joiners, is cut where it must be.
        if (longestGrapheme(text) < 900) expect(borders.has(at)).toBe(true);
        at += part.length;
      }
    }),
    { numRuns: runs(60) },
  );
});

function longestGrapheme(text: string): number {
  return Math.max(0, ...Array.from(graphemes.segment(text), ({ segment }) => segment.length));
}

test("a phone is E.164 however it is written, and its own form again", () => {
  const national = fc
    .tuple(fc.constantFrom("9"), fc.stringMatching(/^\d{7,9}$/))
    .map(([nine, rest]) => `${nine}${rest}`);
  const zero = fc.constantFrom(0x30, 0x1040, 0x1090, 0x0e50, 0x0660, 0xff10);
  const lead = fc.constantFrom("0", "+95", "0095 ", "+95 (0)", "95");
  const glue = fc.constantFrom("", " ", "-", ".", "\u200B", "\u00A0");
  const before = fc.constantFrom("", "Ph: ", "ဖုန်း", "call me ", "📞", "\u202A");
  fc.assert(
    fc.property(national, lead, fc.tuple(glue, zero), before, (number, lead, [glue, zero], before) => {
      fc.pre(!(lead === "95" && number.length < 9));
      const grouped = `${lead}${number.slice(0, 4)}${glue}${number.slice(4)}`;
      const written = grouped.replace(/\d/g, (digit) => String.fromCharCode(zero + Number(digit)));
      const read = normalisePhone(`${before}${written}`, "MM");
      expect(read).toBe(`+95${number}`);
      expect(normalisePhone(read ?? "", "MM")).toBe(read);
    }),
    { numRuns: runs(500) },
  );
});

test("any text is a phone in E.164 or none", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        trapped,
        fc.string({ unit: fc.constantFrom("0", "9", "၉", "ဝ", "+", "95", " ", "-", "(", "ext", ";") }),
      ),
      (text) => {
        expect(normalisePhone(text, "MM") ?? "+95912345678").toMatch(/^\+[1-9]\d{6,14}$/);
      },
    ),
    { numRuns: runs(500) },
  );
});

const unicodeLines = readFileSync(
  new URL("../../node_modules/myanmar-tools/resources/mmgov_unicode_out.txt", import.meta.url),
  "utf8",
)
  .split("\n")
  .filter((line) => line.trim().length > 30);

test("real Unicode is never converted, whatever stands around it", () => {
  const other = fc.constantFrom(
    "ok 15000",
    "09771234567",
    "https://example.com/a",
    "👍",
    "",
    "size M",
    "၁၅,၀၀၀ ကျပ်",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...unicodeLines), other), { maxLength: 6 }), (lines) => {
      const text = lines.join("\n");
      expect(toUnicode(text)).toEqual({ text, wasZawgyi: false });
    }),
    { numRuns: runs(100) },
  );
});

test("a Zawgyi line keeps its numbers, links and line ends, and is converted once", () => {
  fc.assert(
    fc.property(fc.constantFrom(...unicodeLines), (line) => {
      const { text, wasZawgyi } = toUnicode(`${toZawgyi(line)}\nhttps://example.com/a?b=1\n15,000 Ks\n`);
      fc.pre(wasZawgyi);
      expect(text.split("\n").slice(1)).toEqual(["https://example.com/a?b=1", "15,000 Ks", ""]);
      expect(toUnicode(text)).toEqual({ text, wasZawgyi: false });
    }),
    { numRuns: runs(60) },
  );
});

test("a window is open for exactly its hours, from any day of any year", () => {
  const hour = 3_600_000;
  const day = fc.oneof(
    fc
      .constantFrom(
        "2028-02-29T23:59:59.999+06:30",
        "2026-01-01T00:00:00+06:30",
        "2026-03-29T01:30:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-30T00:00:00Z",
      )
      .map((text) => new Date(text)),
    fc.date({
      min: new Date("0001-01-01T00:00:00Z"),
      max: new Date("9999-12-20T00:00:00Z"),
      noInvalidDate: true,
    }),
  );
  fc.assert(
    fc.property(day, fc.integer({ min: -hour, max: 200 * hour }), (lastCustomerActionAt, passedMs) => {
      const now = new Date(lastCustomerActionAt.getTime() + passedMs);
      expect(windowState({ lastCustomerActionAt, now }).isOpen).toBe(passedMs < 24 * hour);
      expect(humanAgentWindow({ lastCustomerActionAt, now }).isOpen).toBe(passedMs < 7 * 24 * hour);
    }),
    { numRuns: runs(300) },
  );
});
