import { describe, expect, test } from "vitest";
import { checkReply, longestReply } from "../../domain/conversation/output-gate.ts";
import { collectReplyFacts } from "../../domain/conversation/reply-facts.ts";
import { isYes } from "../../domain/conversation/yes-words.ts";
import { findAmounts } from "../../domain/payment/find-amounts.ts";
import { normaliseReference } from "../../domain/payment/normalise-reference.ts";
import { isSamePayee } from "../../domain/payment/same-payee.ts";
import { normalisePhone } from "../../domain/phone.ts";
import { toUnicode } from "../../domain/text/burmese.ts";
import { maskSecrets } from "../../domain/text/mask-secrets.ts";
import { toAsciiDigits } from "../../domain/text/myanmar-digits.ts";
import { normaliseText } from "../../domain/text/normalise-text.ts";
import { splitMessage } from "../../domain/text/split-message.ts";
import { cpuMsOf } from "../support/cpu-time.ts";

const facts = collectReplyFacts({ currency: "MMK", claims: [], records: [] });
const account = { accountName: "Daw Aye Aye Mon", accountNumber: "09791234567" };

/** Every reader of a stranger's text, with the longest text that reaches it, or far more than that. */
const readers: [string, number, (text: string) => unknown][] = [
  ["masking", 32_000, maskSecrets],
  ["digits", 64_000, toAsciiDigits],
  ["normalising", 250_000, normaliseText],
  ["Zawgyi", 4_000, toUnicode],
  ["splitting", 32_000, (text) => splitMessage(text)],
  ["amounts", 20_000, (text) => findAmounts(text, "MMK")],
  ["references", 20_000, normaliseReference],
  ["phones", 64_000, (text) => normalisePhone(text, "MM")],
  ["payees", 20_000, (text) => isSamePayee(text, account)],
  ["yes-words", 4_000, (text) => isYes(text, "my")],
  ["the output gate", longestReply, (text) => checkReply({ text, facts })],
];

/** What has made patterns slow: a run of one sign, two signs that might join, and a run that is almost a match. */
const shapes: [string, (length: number) => string][] = [
  ["spaces behind a digit", (length) => `1${" ".repeat(length)}x`],
  ["brackets behind a digit", (length) => `1${")".repeat(length)}x`],
  ["spaces", (length) => `${" ".repeat(length)}x`],
  ["line ends", (length) => `${"\n".repeat(length)}x`],
  ["letters that look like zero", (length) => `1${"\u101D".repeat(length)}`],
  ["full stops", (length) => "!".repeat(length)],
  ["quotes behind a stop", (length) => `.${'"'.repeat(length)}`],
  ["marks on one letter", (length) => `e${"\u0301".repeat(length)}`],
  ["masked digits and letters", (length) => "1*a".repeat(length / 3)],
  ["digits", (length) => "1".repeat(length)],
  ["digits and spaces", (length) => "1 ".repeat(length / 2)],
  ["joiners", (length) => "👩\u200D".repeat(length / 3)],
  ["halves of pairs", (length) => "\uD83D".repeat(length)],
  ["a word", (length) => "က".repeat(length)],
  ["a word without spaces", (length) => "a".repeat(length)],
];

describe.each(readers)("%s of %d units", (_what, length, read) => {
  test.each(shapes)("takes less than a second of the processor for %s", (_shape, make) => {
    const text = make(length);
    expect(cpuMsOf(() => read(text))).toBeLessThan(1_000);
  });
});

test.each([
  ["letters", "x"],
  ["full stops", "!"],
])("a megabyte of %s without a space is cut into messages in less than three seconds", (_what, unit) => {
  let parts: string[] = [];
  expect(cpuMsOf(() => (parts = splitMessage(unit.repeat(2 ** 20))))).toBeLessThan(3_000);
  expect(Math.max(...parts.map((part) => part.length))).toBeLessThan(2_000);
});
