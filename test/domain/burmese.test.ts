import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { toUnicode, toZawgyi } from "../../domain/text/burmese.ts";

const unicode = "မင်္ဂလာပါ၊ ဒီအင်္ကျီ ဘယ်လောက်လဲရှင့်";

/** Parallel texts of the Government of Myanmar, in the library's package. */
function linesOf(file: string): string[] {
  const url = new URL(`../../node_modules/myanmar-tools/resources/${file}`, import.meta.url);
  return readFileSync(url, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");
}

test("converts Zawgyi and says so", () => {
  expect(toUnicode(toZawgyi(unicode))).toEqual({ text: unicode, wasZawgyi: true });
});

test("leaves Unicode, English, digits and nothing as they are", () => {
  for (const text of [unicode, "hello", "၁၅၀၀၀", "က", "🙂", ""]) {
    expect(toUnicode(text)).toEqual({ text, wasZawgyi: false });
  }
});

test("converts only the Zawgyi line of a mixed message", () => {
  const { text, wasZawgyi } = toUnicode(`${unicode}\n${toZawgyi(unicode)}\nok 15000`);
  expect(text).toBe(`${unicode}\n${unicode}\nok 15000`);
  expect(wasZawgyi).toBe(true);
});

test("leaves the Unicode line of a message that is Zawgyi as a whole", () => {
  const zawgyi = toZawgyi(unicode);
  const { text } = toUnicode([zawgyi, zawgyi, zawgyi, unicode, zawgyi].join("\n"));
  expect(text).toBe(Array(5).fill(unicode).join("\n"));
});

test("converts at least 60 of the 66 official Zawgyi lines and none of the Unicode ones", () => {
  const expected = linesOf("mmgov_unicode_out.txt");
  const converted = linesOf("mmgov_zawgyi_src.txt").map((line) => toUnicode(line));
  expect(converted).toHaveLength(expected.length);
  const right = converted.filter(
    ({ text, wasZawgyi }, index) => wasZawgyi && text === expected[index]?.normalize("NFC"),
  );
  expect(right.length).toBeGreaterThanOrEqual(60);
  expect(expected.filter((line) => toUnicode(line).wasZawgyi)).toEqual([]);
  expect(linesOf("udhr_mya_unicode_src.txt").filter((line) => toUnicode(line).wasZawgyi)).toEqual([]);
});
