import type { Language } from "../../domain/shop/policies.ts";
import { wordsEn } from "./words-en.ts";
import { wordsMy } from "./words-my.ts";

/** Every word of the console; the English dictionary says which there are. */
export type Words = typeof wordsEn;

const dictionaries: Record<Language, Words> = { en: wordsEn, my: wordsMy };

export function wordsOf(language: Language): Words {
  return dictionaries[language];
}

/** A word for a value that may be newer than this dictionary. */
export function wordFor(words: Readonly<Record<string, string>>, value: string): string {
  return words[value] ?? value.replaceAll("_", " ");
}
