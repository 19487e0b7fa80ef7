/** What Messenger lets a person write, with room; a row takes no more. */
export const maxTextCodePoints = 4_000;

// NFC joins at most four code points into one, so what is beyond cannot come within the limit.
const maxUnitsRead = 2 * 4 * maxTextCodePoints;

/**
 * Text as it may be hashed, stored and compared: NFC, no NUL (Postgres refuses it), lone surrogates replaced (an encoder
 * would replace them later, and the hash would differ), at most `maxTextCodePoints`. Doing it twice changes nothing.
 */
export function normaliseText(text: string): string {
  const read = text
    .slice(0, maxUnitsRead)
    .replaceAll("\u0000", "")
    .replace(/\p{Surrogate}/gu, "\uFFFD");
  const clean = cutMarks(cutMarks(read).normalize("NFC"));
  if (clean.length <= maxTextCodePoints) return clean;
  return Array.from(clean).slice(0, maxTextCodePoints).join("");
}

/** No script stacks so many marks on a letter, and sorting thousands of them takes NFC quadratic time. */
function cutMarks(text: string): string {
  return text.replace(/(\p{M}{64})\p{M}+/gu, "$1");
}
