export type TextPiece = { kind: "text"; text: string } | { kind: "hidden"; code: string };

/** Bidi controls, zero width, soft hyphen, invisible operators, tags, and controls that no text needs. */
const hidden =
  /[\u00AD\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]|[\u{E0000}-\u{E007F}]|(?![\n\t])\p{Cc}/gu;

/** Burmese is written with zero-width spaces between words, emoji families with joiners: these fake nothing. */
const joiners = new Set(["\u200B", "\u200C", "\u200D"]);
const harmlessBefore =
  /(?:[\u1000-\u109F\uAA60-\uAA7F]|\p{Extended_Pictographic}|\p{Emoji_Modifier}|\uFE0F)$/u;

/** What a text shows and what it hides: an override can turn an amount or an account number around. */
export function showHidden(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const { 0: character, index } of text.matchAll(hidden)) {
    if (joiners.has(character) && harmlessBefore.test(text.slice(Math.max(0, index - 2), index))) continue;
    if (index > from) pieces.push({ kind: "text", text: text.slice(from, index) });
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    pieces.push({ kind: "hidden", code: `U+${code}` });
    from = index + character.length;
  }
  if (from < text.length) pieces.push({ kind: "text", text: text.slice(from) });
  return pieces;
}
