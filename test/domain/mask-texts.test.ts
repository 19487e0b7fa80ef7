import { describe, expect, test } from "vitest";

import { maskTexts } from "../../domain/text/mask-texts.ts";
import { fc } from "../support/properties.ts";

const mark = "[card number removed]";
const textsOf = (texts: string[], from = texts.length - 1) => maskTexts(texts, from).map(({ text }) => text);

describe("a card number in parts", () => {
  test.each<[string, string[], string[]]>([
    ["in two halves", ["4111 1111", "1111 1111"], [mark, mark]],
    [
      "with words around the halves",
      ["the first part is 5555 5555 ok", "and the rest is 5555 4444 please"],
      [`the first part is ${mark} ok`, `and the rest is ${mark} please`],
    ],
    [
      "with other messages between the halves",
      ["4111 1111", "do you have it in red?", "I want 2 of them", "1111 1111"],
      [mark, "do you have it in red?", "I want 2 of them", mark],
    ],
    ["in four parts", ["4111", "1111", "1111", "1111"], [mark, mark, mark, mark]],
    [
      "in three parts with words",
      ["card 4111", "then 111111", "then 111111"],
      [`card ${mark}`, `then ${mark}`, `then ${mark}`],
    ],
    ["in Myanmar digits", ["၄၁၁၁ ၁၁၁၁", "ဟုတ်ကဲ့", "၁၁၁၁ ၁၁၁၁"], [mark, "ဟုတ်ကဲ့", mark]],
    ["of 15 digits", ["3782 822463", "10005"], [mark, mark]],
    [
      "beside other numbers of the same message",
      ["2 dresses, 4111 1111", "1111 1111, size 38"],
      [`2 dresses, ${mark}`, `${mark}, size 38`],
    ],
  ])("%s leaves all messages", (_, texts, expected) => {
    expect(textsOf(texts)).toEqual(expected);
  });

  test("says of each message what was found in it", () => {
    expect(maskTexts(["4111 1111", "hello", "1111 1111"], 2).map(({ masked }) => masked)).toEqual([
      ["card"],
      [],
      ["card"],
    ]);
  });

  test("is looked for in new messages only", () => {
    expect(textsOf(["4111 1111", "1111 1111", "thanks"])).toEqual(["4111 1111", "1111 1111", "thanks"]);
  });
});

test("finds a code behind the words of the message before", () => {
  expect(textsOf(["my OTP is", "482913"])).toEqual(["my OTP is", "[code removed]"]);
});

test.each<[string, string[]]>([
  ["a phone and an amount", ["09 791 234 567", "45000"]],
  ["a phone and a quantity", ["Phone 09791234567", "2 pieces", "38"]],
  ["a payment reference and an amount", ["transaction 01004230001987", "45,000 Ks"]],
  ["amounts", ["450000", "4750000", "30000"]],
  ["halves with a long text between the numbers", ["4111 1111", `${"a long story ".repeat(4)} 1111 1111`]],
])("leaves %s alone", (_, texts) => {
  expect(textsOf(texts, 1)).toEqual(texts);
});

test("changes no text in which it found nothing, and masks no digit-free text", () => {
  const piece = fc.oneof(
    fc.constantFrom("4111 1111", "1111", "hello", "12", "၄၁၁၁"),
    fc.string({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (texts) => {
      for (const [index, { text, masked }] of maskTexts(texts, 0).entries()) {
        if (masked.length === 0) expect(text).toBe(texts[index]);
      }
    }),
  );
});
