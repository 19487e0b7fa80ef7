import { html } from "hono/html";
import { describe, expect, test } from "vitest";

import { amountText, readAmount, readWholeNumber } from "../../api/console/amount-field.ts";
import { showHidden } from "../../api/console/hidden-characters.ts";
import { Time } from "../../api/console/parts.tsx";
import { safePath } from "../../api/console/see-other.ts";
import { wordsEn } from "../../api/console/words-en.ts";
import { wordsMy } from "../../api/console/words-my.ts";

describe("an amount in a field", () => {
  test.each([
    ["15000", 15_000],
    ["15,000", 15_000],
    ["၁၅ ၀၀၀", 15_000],
    ["15000.00", 15_000],
    ["15000.50", undefined],
    ["-5", undefined],
    ["1e3", undefined],
    ["15 thousand", undefined],
    ["99999999999999", undefined],
    ["", undefined],
  ])("%s is %s kyat", (text, amountMinor) => {
    expect(readAmount(text, "MMK")).toBe(amountMinor);
  });

  test("has the decimals of its currency", () => {
    expect(readAmount("12.5", "USD")).toBe(1_250);
    expect(readAmount("12.505", "USD")).toBeUndefined();
    expect(amountText({ amountMinor: 1_234_567, currency: "THB" })).toBe("12345.67");
    expect(readAmount(amountText({ amountMinor: 1_234_567, currency: "THB" }), "THB")).toBe(1_234_567);
  });

  test("is a whole number where pieces are counted", () => {
    expect([
      readWholeNumber("+၁၀"),
      readWholeNumber("-2"),
      readWholeNumber("1.5"),
      readWholeNumber("x"),
    ]).toEqual([10, -2, undefined, undefined]);
  });
});

describe("hidden characters", () => {
  const shown = (text: string) =>
    showHidden(text)
      .map((piece) => (piece.kind === "text" ? piece.text : `[${piece.code}]`))
      .join("");

  test.each([
    ["15,000\u202E000,51", "15,000[U+202E]000,51"],
    ["a\u200Bb", "a[U+200B]b"],
    ["\u2066x\u2069", "[U+2066]x[U+2069]"],
    ["09\u00AD77", "09[U+00AD]77"],
    ["a\u{E0041}", "a[U+E0041]"],
    ["a\u0007b", "a[U+0007]b"],
  ])("are shown", (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  test.each(["မင်္ဂလာ\u200Bပါ", "👨\u200D👩\u200D👧", "two\nlines"])(
    "that belong to the script stay as they are",
    (text) => {
      expect(shown(text)).toBe(text);
    },
  );
});

test.each([
  ["en", "29 Nov, 21:36"],
  ["my", "နိုဝင်ဘာ 29၊ 21:36"],
] as const)("a time in %s parts the day from the hour", async (language, text) => {
  const viewer = { language, shop: { timeZone: "Asia/Yangon" } };
  const now = new Date("2026-11-30T00:00:00.000Z");
  const shown = await html`${Time({ at: "2026-11-29T15:06:00.000Z", viewer, now })}`;
  expect(shown.toString()).toContain(`>${text}<`);
});

test.each([
  ["en", "1 Jan 2027, 00:30"],
  ["my", "2027 ဇန်နဝါရီ 1၊ 00:30"],
] as const)("a time of another year in %s says which, by the shop's clock", async (language, text) => {
  const viewer = { language, shop: { timeZone: "Asia/Yangon" } };
  const now = new Date("2026-11-30T00:00:00.000Z");
  const shown = await html`${Time({ at: "2026-12-31T18:00:00.000Z", viewer, now })}`;
  expect(shown.toString()).toContain(`>${text}<`);
});

test("a way back leads only into the console", () => {
  expect(safePath("/console/orders?board=ship")).toBe("/console/orders?board=ship");
  for (const path of ["https://x.example", "//x.example", "/console@x.example", "/consolex", undefined]) {
    expect(safePath(path)).toBe("/console");
  }
});

test("the Burmese dictionary says everything in Burmese", () => {
  const kept = new Set(["otherLanguage", "page_inbox", "received"]);
  const same = (left: object, right: object, name = ""): string[] =>
    Object.entries(left).flatMap(([key, value]) => {
      const other: unknown = (right as Record<string, unknown>)[key];
      if (typeof value === "object") return same(value as object, other as object, `${name}.${key}`);
      if (kept.has(key)) return [];
      const [said, translated] =
        typeof value === "function" ? [value(7), (other as typeof value)(7)] : [value, other];
      return said === translated || !/[\u1000-\u109F]/.test(String(translated)) ? [`${name}.${key}`] : [];
    });
  expect(same(wordsEn, wordsMy)).toEqual([]);
});
