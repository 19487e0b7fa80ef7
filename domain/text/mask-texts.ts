import { findCards } from "./find-cards.ts";
import { maskAcross, maskSpans } from "./mask-secrets.ts";
import type { MaskedText } from "./mask-secrets.ts";
import { toAsciiDigits } from "./myanmar-digits.ts";
import type { SecretSpan } from "./secret-span.ts";

/** Words around a part ("the rest is") do not hide a card; a longer text between two numbers makes them two. */
const mostWordsUnits = 24;
/** A card number is sent in at most so many messages. */
const mostParts = 6;

/**
 * What one speaker wrote, oldest first, without the secrets that stand in several messages: a card number in parts, also
 * with other messages between two halves, or "my OTP is" and then the digits. Only secrets that reach into a message
 * from index `from` on are looked for; `masked` is empty where nothing was found.
 */
export function maskTexts(texts: readonly string[], from: number): MaskedText[] {
  const result: MaskedText[] = texts.map((text) => ({ text, masked: [] }));
  for (let last = Math.max(from, 1); last < result.length; last += 1) {
    maskNeighbours(result, last);
    for (const indexes of windowsOf(result, last)) maskCardIn(result, indexes);
  }
  return result;
}

function maskNeighbours(result: MaskedText[], last: number): void {
  const [left, right] = [result[last - 1], result[last]];
  if (left === undefined || right === undefined) return;
  const { previous, text, masked } = maskAcross(left.text, right.text);
  if (text === right.text) return;
  if (previous !== left.text) result[last - 1] = { text: previous, masked: union(left, masked) };
  result[last] = { text, masked: union(right, masked) };
}

/** Which messages may together be one number that ends in `last`: neighbours among those with digits, and any two. */
function windowsOf(result: MaskedText[], last: number): number[][] {
  const numbered = result.flatMap(({ text }, index) =>
    index <= last && /\d/u.test(toAsciiDigits(text)) ? [index] : [],
  );
  if (numbered.at(-1) !== last) return [];
  const pairs = numbered.slice(0, -1).map((first) => [first, last]);
  const runs = Array.from({ length: mostParts - 2 }, (_, index) => numbered.slice(-(index + 3)));
  return [...pairs.toReversed(), ...runs];
}

function maskCardIn(result: MaskedText[], indexes: number[]): void {
  const texts = indexes.map((index) => result[index]?.text ?? "");
  const parts = partsOf(texts);
  if (parts === undefined) return;
  const card = findCards(parts.map(({ text }) => text).join("\n")).find(({ start, end }) => {
    const firstEnd = parts[0]?.text.length ?? 0;
    return start < firstEnd && end > (parts.at(-1)?.joinedAt ?? 0);
  });
  if (card === undefined) return;
  for (const [position, index] of indexes.entries()) {
    const [before, part] = [result[index], parts[position]];
    if (before === undefined || part === undefined) continue;
    result[index] = {
      text: maskSpans(before.text, [within(part, card)]).text,
      masked: union(before, ["card"]),
    };
  }
}

/** A part of the joined text, where it stands there, and where in its message. */
type Part = { text: string; joinedAt: number; at: number };

/** Each message from its first digit to its last one; the outer ends of the first and the last stay whole. */
function partsOf(texts: string[]): Part[] | undefined {
  const parts: Part[] = [];
  let joinedAt = 0;
  for (const [position, text] of texts.entries()) {
    const plain = toAsciiDigits(text);
    const at = position === 0 ? 0 : plain.search(/\d/u);
    const end = position === texts.length - 1 ? plain.length : lastDigit(plain) + 1;
    if (at < 0 || at > mostWordsUnits || plain.length - end > mostWordsUnits) return undefined;
    const part = { text: text.slice(at, end), joinedAt, at };
    parts.push(part);
    joinedAt += part.text.length + 1;
  }
  return parts;
}

function lastDigit(plain: string): number {
  return /\d(?=\D*$)/u.exec(plain)?.index ?? plain.length - 1;
}

function within({ text, joinedAt, at }: Part, card: SecretSpan): SecretSpan {
  const start = Math.max(card.start, joinedAt) - joinedAt + at;
  const end = Math.min(card.end, joinedAt + text.length) - joinedAt + at;
  return { start, end, kind: "card" };
}

function union({ masked }: MaskedText, found: MaskedText["masked"]): MaskedText["masked"] {
  return [...new Set([...masked, ...found])];
}
