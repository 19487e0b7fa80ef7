// Words of Burmese, which has no spaces, come from ICU's dictionary.
const words = new Intl.Segmenter("my", { granularity: "word" });
const graphemes = new Intl.Segmenter("my", { granularity: "grapheme" });

/** A break that leaves less than this share of the limit used is worse than a later, coarser one. */
const leastShare = 0.5;

/**
 * Parts of at most `limit` UTF-16 units for Messenger, which takes fewer than 2,000 "characters" and does not say which.
 * Cut at line ends, else sentence ends, else spaces, else words, never inside a grapheme (unless one alone is too long).
 * White space at a cut is dropped; an empty text has no parts.
 */
export function splitMessage(text: string, limit = 1_900): string[] {
  const parts: string[] = [];
  let rest = text.trim();
  while (rest.length > limit) {
    const at = findCut(rest, limit);
    const part = rest.slice(0, at).trimEnd();
    if (part !== "") parts.push(part);
    rest = rest.slice(at).trimStart();
  }
  return rest === "" ? parts : [...parts, rest];
}

function findCut(text: string, limit: number): number {
  const least = Math.ceil(limit * leastShare);
  // One unit more than fits, so that a break right at the limit is seen.
  const window = text.slice(0, limit + 1);
  for (const pattern of [/\n+/g, /(?<![။၊.!?…])[။၊.!?…]+["'”’)\]]*(?=\s)|။/g, /\s+/g]) {
    const at = lastEnd(window, pattern, limit);
    if (at >= least && isGraphemeStart(text, at)) return at;
  }
  return wordCut(text, limit, least);
}

function lastEnd(window: string, pattern: RegExp, limit: number): number {
  let last = 0;
  for (const match of window.matchAll(pattern)) {
    const end = Math.min(match.index + match[0].length, limit);
    if (match.index <= limit) last = end;
  }
  return last;
}

function wordCut(text: string, limit: number, least: number): number {
  const word = words.segment(text.slice(0, 2 * limit)).containing(limit)?.index ?? 0;
  if (word >= least && isGraphemeStart(text, word)) return word;
  const grapheme = graphemes.segment(text).containing(limit)?.index ?? 0;
  if (grapheme > 0) return grapheme;
  const isInsidePair = /[\uDC00-\uDFFF]/.test(text.charAt(limit)) && limit > 1;
  return isInsidePair ? limit - 1 : limit;
}

function isGraphemeStart(text: string, at: number): boolean {
  return at === text.length || graphemes.segment(text).containing(at)?.index === at;
}
