import { conceptsOf } from "./glossary.ts";

/**
 * The units by which a question and a product are compared: stemmed words for scripts with spaces; for Burmese, which
 * has none between words, pairs of neighbouring syllables and single long syllables; and concepts of the glossary.
 */
export function termsOf(text: string): Set<string> {
  const normal = normalise(text);
  const terms = new Set(conceptsOf(normal));
  for (const run of normal.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []) {
    if (/\p{Script=Myanmar}/u.test(run)) syllableTerms(run).forEach((term) => terms.add(term));
    else terms.add(stem(run));
  }
  return terms;
}

/** NFC, lower case, no zero-width characters, Myanmar digits as Latin ones, `wa` written for a zero in a number mended. */
export function normalise(text: string): string {
  return text
    .normalize("NFC")
    .toLowerCase()
    .replace(/[\u200b-\u200d\u2060\ufeff]/gu, "")
    .replace(/[၀-၉]/gu, (digit) => String(digit.charCodeAt(0) - 0x1040))
    .replace(/(?<=^|[\s\d(:+-])ဝ(?=\d)/gu, "0")
    .replace(/[’‘]/gu, "'");
}

/** For "does this text name that thing": neither spaces nor punctuation count. */
export function squeeze(text: string): string {
  return normalise(text).replace(/[^\p{L}\p{M}\p{N}]/gu, "");
}

/** Whether a text names a thing: as whole words in Latin script, anywhere in a script without spaces. */
export function mentions(text: string, name: string): boolean {
  const needle = squeeze(name);
  if (needle === "") return false;
  if (!/^[\p{Script=Latin}\p{N}]+$/u.test(needle)) return squeeze(text).includes(needle);
  const words = normalise(text).match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return words.some((_, at) => startsWithWords(words.slice(at), needle));
}

export function syllables(run: string): string[] {
  // A syllable starts at a consonant that is neither stacked nor closed by asat.
  return run.split(/(?<!္)(?=[က-အဣ-ဧဩဪဿ](?![့]?[်္]))/u).filter((part) => part !== "");
}

function startsWithWords(words: string[], needle: string): boolean {
  let joined = "";
  for (const word of words) {
    joined += word;
    if (joined === needle) return true;
    if (!needle.startsWith(joined)) return false;
  }
  return false;
}

function syllableTerms(run: string): string[] {
  const parts = syllables(run);
  if (parts.length === 1) return parts;
  const pairs = parts.slice(1).map((part, at) => `${parts[at]}${part}`);
  return [...pairs, ...parts.filter((part) => part.length >= 4)];
}

function stem(word: string): string {
  if (word.length <= 3) return word;
  return word.replace(/(?<=[sxz]|[cs]h)es$|(?<=[^s])s$/u, "");
}
