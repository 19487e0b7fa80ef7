/** Letters of scripts that no shop here writes: they look like Latin ones, or say what no check reads. */
const foreignLetters = /[^\p{Script=Latin}\p{Script=Myanmar}\P{L}]+/gu;

/** A word written letter by letter, which no pattern of words finds. Sizes stand like that: `S M L X`. */
const spacedWord = /(?<![\p{L}\p{N}])(?:\p{Script=Latin}[ .·_-]{1,2}){3,}\p{Script=Latin}(?![\p{L}\p{N}])/gu;
const sizes = /^[smlx\P{L}]+$/iu;

const digitWord =
  "(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|သုည|တစ်|နှစ်|သုံး|လေး|ငါး|ခြောက်|ခုနစ်|ခုနှစ်|ရှစ်|ကိုး)";
/** Four digits in words are a number that the prompt asks to write in digits. */
const spelledDigits = new RegExp(
  `(?<!\\p{L})${digitWord}(?:[\\s,၊-]+${digitWord}){3,}(?![\\p{L}\\p{M}])`,
  "giu",
);

/** Phones and accounts begin so; a quantity, a price or a size does not. Times, dates and decimals are no such number. */
const leadingZero = /(?<![\d.,:/-])0\d{1,3}(?![\d:/-]|[.,]\d)/gu;

/** Words that are written so that no check of words finds them, unless the records use the letters. */
export function findHiddenWords(text: string, allowedLetters: string): string[] {
  const foreign = lettersOf(text).filter((run) =>
    Array.from(run).some((letter) => !allowedLetters.includes(letter)),
  );
  const spaced = [...text.normalize("NFKC").matchAll(spacedWord)].map(([found]) => found);
  return [...foreign, ...spaced.filter((found) => !sizes.test(found))];
}

/** The runs of letters of other scripts than the shop's own. */
export function lettersOf(text: string): string[] {
  return [...text.normalize("NFKC").matchAll(foreignLetters)].map(([found]) => found);
}

/** Two to four more digits that belong to no amount: the parts of a phone go on like that. */
const nextPart = /^(?:[ \t().\-–]*\d){2,4}(?!\d|[.,]\d)/u;

/** Numbers in parts or in words, of a text with readable digits. `written`: what the records write so, `D001` or `09`. */
export function findHiddenNumbers(text: string, written: readonly string[]): string[] {
  const zeros = [...text.matchAll(leadingZero)].filter(
    ({ 0: found, index }) => !written.includes(found) || nextPart.test(text.slice(index + found.length)),
  );
  return [...text.matchAll(spelledDigits), ...zeros].map(([found]) => found);
}

/** Numbers with a leading zero, as written. */
export function leadingZerosOf(text: string): string[] {
  return [...text.matchAll(leadingZero)].map(([found]) => found);
}

/** The letter O beside digits is read as the zero that it looks like; one sign for one. */
export function withoutLetterZeros(text: string): string {
  return text
    .replace(/(?<=\d(?:[.,]?[oO])*[.,]?)[oO](?!\p{Ll})/gu, "0")
    .replace(/(?<![\p{L}\p{N}])[oO](?=\d)/gu, "0");
}
