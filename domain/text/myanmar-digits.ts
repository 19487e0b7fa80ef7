/** First code point of each run of ten digits that customers in our markets type; all of them single UTF-16 units. */
const zeros = [
  0x1040, // Myanmar
  0x1090, // Shan
  0x0e50, // Thai
  0x0660, // Arabic-Indic
  0x06f0, // extended Arabic-Indic
  0x0966, // Devanagari
  0x17e0, // Khmer
  0xff10, // full width
];

const digit = new RegExp(
  `[${zeros.map((zero) => `${String.fromCharCode(zero)}-${String.fromCharCode(zero + 9)}`).join("")}]`,
  "g",
);

/** The letter wa, which looks like the digit zero, after a digit; not where it begins a word (`၂ဝယ်`, buy two). */
const waAfterDigit = /(?<=\d)\u101D+(?![\u102B-\u103E]|[\u1000-\u1021][\u1039\u103A])/g;
const waBeforeDigit = /(?<![\u1000-\u103F\u1050-\u109F])\u101D+(?=\d)/g;

/**
 * Myanmar and other digits as 0–9, and the letter ဝ as zero where it stands for one. One unit for one unit: positions
 * in the result are positions in the text. NFKC does not do this.
 */
export function toAsciiDigits(text: string): string {
  return text
    .replace(digit, (found) => String(valueOf(found.charCodeAt(0))))
    .replace(waAfterDigit, asZeros)
    .replace(waBeforeDigit, asZeros);
}

function asZeros(run: string): string {
  return "0".repeat(run.length);
}

function valueOf(code: number): number {
  const zero = zeros.find((first) => code >= first && code <= first + 9) ?? code;
  return code - zero;
}
