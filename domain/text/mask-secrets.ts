import { findCards } from "./find-cards.ts";
import { findPasswords } from "./find-passwords.ts";
import { keyFormats } from "./key-formats.ts";
import { toAsciiDigits } from "./myanmar-digits.ts";
import type { SecretKind, SecretSpan } from "./secret-span.ts";

export type { SecretKind } from "./secret-span.ts";

export type MaskedText = { text: string; masked: SecretKind[] };

/** What stands in the place of a secret, for people and for the model. */
const marks: Record<SecretKind, string> = {
  card: "[card number removed]",
  otp: "[code removed]",
  password: "[password removed]",
  key: "[key removed]",
};

const mostPasses = 4;

/**
 * The text without card numbers, one-time codes, passwords and keys; `masked` names each kind found, once. Phone numbers,
 * amounts and payment references stay. Runs before anything is stored and before the model; twice changes nothing.
 */
export function maskSecrets(text: string): MaskedText {
  let result = maskSpans(text, findSecrets(text));
  // A mark separates what stood together, so that another secret may show beside it.
  for (let pass = 1; pass < mostPasses && result.masked.length > 0; pass += 1) {
    const again = maskSpans(result.text, findSecrets(result.text));
    if (again.masked.length === 0) break;
    result = { text: again.text, masked: [...new Set([...result.masked, ...again.masked])] };
  }
  return result;
}

export type MaskedPair = MaskedText & {
  /** The earlier message without the part of a secret that began in it. */
  previous: string;
};

/**
 * As `maskSecrets` for `text`, but sees a secret that began in the message before: a card number in two halves, or "my
 * OTP is" and then the digits. Who can still change the earlier message stores `previous` for it.
 */
export function maskAcross(previous: string, text: string): MaskedPair {
  // Words between the halves ("first part", "the rest is") do not hide a card: the digits nearest the border are joined.
  const tail = /\d?(?=\D{0,24}$)/.exec(toAsciiDigits(previous));
  const previousEnd = tail === null ? previous.length : tail.index + tail[0].length;
  const textStart = /^\D{0,24}(?=\d)/.exec(toAsciiDigits(text))?.[0].length ?? 0;

  const whole = acrossBorder(findSecrets, { previous, text, previousEnd: previous.length, textStart: 0 });
  const cards = acrossBorder(findCards, { previous, text, previousEnd, textStart });
  const across = {
    inPrevious: [...whole.inPrevious, ...cards.inPrevious],
    inText: [...whole.inText, ...cards.inText],
  };
  const { text: earlier } = maskSpans(previous, merge(across.inPrevious));
  return { ...maskSpans(text, merge([...across.inText, ...findSecrets(text)])), previous: earlier };
}

type Border = { previous: string; text: string; previousEnd: number; textStart: number };

/** What `find` sees in the two messages put together, as far as it reaches into the second. */
function acrossBorder(
  find: (text: string) => SecretSpan[],
  { previous, text, previousEnd, textStart }: Border,
): { inPrevious: SecretSpan[]; inText: SecretSpan[] } {
  const border = previousEnd + 1;
  const toText = (at: number) => Math.max(textStart, at - border + textStart);
  const spans = find(`${previous.slice(0, previousEnd)}\n${text.slice(textStart)}`).filter(
    ({ end }) => end > border,
  );
  return {
    inPrevious: spans
      .filter(({ start }) => start < previousEnd)
      .map((span) => ({ ...span, end: previousEnd })),
    inText: spans.map((span) => ({ ...span, start: toText(span.start), end: toText(span.end) })),
  };
}

/** In the order of the text and without overlaps. */
function findSecrets(text: string): SecretSpan[] {
  const keys = keyFormats.flatMap((format) =>
    Array.from(text.matchAll(format), ({ index, 0: found }): SecretSpan => {
      return { start: index, end: index + found.length, kind: "key" };
    }),
  );
  return merge([...keys, ...findCards(text), ...findPasswords(text)]);
}

function merge(spans: SecretSpan[]): SecretSpan[] {
  const merged: SecretSpan[] = [];
  for (const span of spans.toSorted((left, right) => left.start - right.start || right.end - left.end)) {
    const last = merged.at(-1);
    if (last !== undefined && span.start < last.end) last.end = Math.max(last.end, span.end);
    else merged.push({ ...span });
  }
  return merged;
}

/** The text with a mark in the place of each span; spans are in order and do not overlap. */
export function maskSpans(text: string, spans: SecretSpan[]): MaskedText {
  let result = "";
  let copied = 0;
  for (const { start, end, kind } of spans) {
    result += text.slice(copied, start) + marks[kind];
    copied = end;
  }
  return { text: result + text.slice(copied), masked: [...new Set(spans.map(({ kind }) => kind))] };
}
