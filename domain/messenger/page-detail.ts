import { normaliseText } from "../text/normalise-text.ts";

/** A text of Meta's about the Page, as a JSON column takes it: no NUL, no half of a surrogate pair, and not endless. */
export function pageDetail(text: string | undefined, maxCodePoints: number): string {
  return Array.from(normaliseText(text ?? ""))
    .slice(0, maxCodePoints)
    .join("");
}
