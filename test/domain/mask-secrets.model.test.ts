import { expect, test } from "vitest";
import { findNetworkCards } from "../../domain/text/find-cards.ts";
import { maskSecrets } from "../../domain/text/mask-secrets.ts";
import { maskTexts } from "../../domain/text/mask-texts.ts";
import { toAsciiDigits } from "../../domain/text/myanmar-digits.ts";
import { fc, runs } from "../support/properties.ts";

/** Beginnings of networks, with every length that their numbers have. */
const networks: [string, number[]][] = [
  ["4", [13, 16, 19]],
  ["51", [16]],
  ["55", [16]],
  ["2221", [16]],
  ["2720", [16]],
  ["34", [15]],
  ["37", [15]],
  ["300", [14, 16, 19]],
  ["36", [14, 16, 19]],
  ["39", [14, 19]],
  ["35", [16, 19]],
  ["50", [13, 16, 19]],
  ["6011", [16, 19]],
  ["62", [16, 17, 18, 19]],
  ["81", [16]],
  ["9503", [16]],
];

const card = fc
  .constantFrom(...networks.flatMap(([start, lengths]) => lengths.map((length) => ({ start, length }))))
  .chain(({ start, length }) =>
    fc
      .array(fc.nat(9), { minLength: length, maxLength: length })
      .map((digits) => withCheckDigit(`${start}${digits.join("")}`.slice(0, length - 1))),
  );

const groupings: ((digits: string) => string[])[] = [
  (digits) => [digits],
  (digits) => digits.match(/.{1,4}/g) ?? [],
  (digits) =>
    digits.length > 15 || digits.length < 14
      ? [digits]
      : [digits.slice(0, 4), digits.slice(4, 10), digits.slice(10)],
  (digits) => Array.from(digits),
];
const zeros = [0x30, 0x1040, 0x1090, 0x0e50, 0x0660, 0x06f0, 0x0966, 0x17e0, 0xff10];
const glues = [" ", "  ", "-", " - ", "\u00A0", "\u2009", "\u200B", "\n", "/", "\u2011", "·", "_", " | "];
const around = fc.constantFrom(
  "",
  "my card is ",
  "ကတ်နံပါတ် ",
  "pay with ",
  "card:",
  "📎 ",
  "15,000 ks ",
  " ပါ",
  " thanks",
);

/** As people write it: in any digits, whole or in the usual groups, with one kind of sign between them. */
const written = fc
  .tuple(card, fc.constantFrom(...groupings), fc.constantFrom(...glues), fc.constantFrom(...zeros))
  .map(([digits, group, glue, zero]) => ({
    digits,
    text: group(digits)
      .map((part) => part.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit))))
      .join(glue),
    isUsual: group !== groupings[3],
  }));

function groupsOf(text: string): string[] {
  return toAsciiDigits(text).split(/\D+/);
}

function digitsOf(text: string): string {
  return toAsciiDigits(text).replace(/\D/g, "");
}

test("no card number gets through, in whatever digits, groups and words it stands", () => {
  fc.assert(
    fc.property(around, written, around, (before, { digits, text, isUsual }, after) => {
      // Single digits with a phone's beginning among them, and groups that are all round prices, stay in doubt.
      fc.pre(isUsual || !/09|959/.test(digits));
      fc.pre(!groupsOf(text).every((group) => group.endsWith("00")));
      const { text: masked, masked: kinds } = maskSecrets(`${before}${text} ${after}`);
      expect(digitsOf(masked)).not.toContain(digits);
      expect(kinds).toContain("card");
    }),
    { numRuns: runs(1_000) },
  );
});

test.each(["500009000000", "37000912345678", "3600091234567", "301009123456789"])(
  "a card that begins %s is masked in groups of four, though a phone seems to stand in it",
  (body) => {
    const grouped = withCheckDigit(body).replace(/(.{4})(?=.)/g, "$1 ");
    expect(maskSecrets(`card ${grouped} thanks`).text).toBe("card [card number removed] thanks");
  },
);

test("a card in a field of long numbers is found by its network alone", () => {
  fc.assert(
    fc.property(card, (digits) => {
      fc.pre(!/^(?:95)?0?9\d{7,9}$/.test(digits));
      expect(findNetworkCards(`Ref: ${digits}`)).toEqual([
        { start: 5, end: 5 + digits.length, kind: "card" },
      ]);
    }),
    { numRuns: runs(150) },
  );
});

test("a card in up to four messages leaves less than ten of its digits in any two of them", () => {
  const cuts = fc.array(fc.integer({ min: 3, max: 12 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(card, cuts, fc.constantFrom(0x30, 0x1040), (digits, cuts, zero) => {
      fc.pre(digits.length === 16 && !/09|959/.test(digits) && !digits.endsWith("00"));
      const parts = cutAt(digits, cuts);
      fc.pre(parts.every((part) => part.length >= 3));
      const texts = parts.map((part) =>
        part.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit))),
      );
      const left = maskTexts(texts, 1).map(({ text }) => digitsOf(text));
      expect(left.join("").length).toBeLessThan(10);
    }),
    { numRuns: runs(150) },
  );
});

test("what is masked says so, and what is not masked is left to the last unit", () => {
  const pieces = fc.constantFrom(
    "4111111111111111",
    "၄၁၁၁",
    " ",
    "OTP 123456",
    "pin: 4821",
    "\uD83D",
    "\u0000",
    "က",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const original = parts.join("");
      const { text, masked } = maskSecrets(original);
      expect(masked.length > 0).toBe(text !== original);
    }),
    { numRuns: runs(150) },
  );
});

function cutAt(digits: string, cuts: readonly number[]): string[] {
  const borders = [...new Set([0, ...cuts, digits.length])].toSorted((left, right) => left - right);
  return borders.slice(1).map((end, index) => digits.slice(borders[index], end));
}

function withCheckDigit(body: string): string {
  const sum = Array.from(body)
    .toReversed()
    .reduce((total, digit, index) => {
      const value = index % 2 === 0 ? Number(digit) * 2 : Number(digit);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}
