import myanmarTools from "myanmar-tools";

const detector = new myanmarTools.ZawgyiDetector();
const converter = new myanmarTools.ZawgyiConverter();

// Thresholds of the library's authors: above, less than 1 % false alarms; below, less than 1 % missed.
const surelyZawgyi = 0.95;
const surelyUnicode = 0.05;

export type UnicodeText = { text: string; wasZawgyi: boolean };

/**
 * Burmese typed with a Zawgyi keyboard as Unicode, line by line, since people paste one into the other. Short lines are
 * ambiguous: they follow the whole text. Converting real Unicode would destroy it, so doubt leaves the text alone.
 */
export function toUnicode(text: string): UnicodeText {
  const wholeScore = detector.getZawgyiProbability(text);
  const converted = text
    .split("\n")
    .map((line) => (isZawgyi(detector.getZawgyiProbability(line), wholeScore) ? convert(line) : line))
    .join("\n");
  return converted === text ? { text, wasZawgyi: false } : { text: converted, wasZawgyi: true };
}

/** How a Unicode word looks when typed in Zawgyi; for lists of words that are matched before conversion. */
export function toZawgyi(text: string): string {
  return converter.unicodeToZawgyi(text);
}

function isZawgyi(lineScore: number, wholeScore: number): boolean {
  return lineScore > surelyZawgyi || (lineScore >= surelyUnicode && wholeScore > surelyZawgyi);
}

function convert(line: string): string {
  return converter.zawgyiToUnicode(line).normalize("NFC");
}
