const quote = 0x22;
const backslash = 0x5c;
const minus = 0x2d;

/**
 * Puts whole numbers of 16 and more digits into quotes, so that `JSON.parse` cannot round an id (2^53 has 16 digits).
 * Numbers inside strings stay as they are. Node 20 has no reviver with the source text.
 */
export function quoteLongIntegers(json: string): string {
  let result = "";
  let copied = 0;
  let at = 0;
  while (at < json.length) {
    const code = json.charCodeAt(at);
    if (code === quote) {
      at = endOfString(json, at + 1);
    } else if (isNumberPart(code)) {
      const end = endOfNumber(json, at);
      const token = json.slice(at, end);
      if (longInteger.test(token)) {
        result += `${json.slice(copied, at)}"${token}"`;
        copied = end;
      }
      at = end;
    } else {
      at += 1;
    }
  }
  return result + json.slice(copied);
}

const longInteger = /^-?[1-9]\d{15,}$/;

/** Index after the closing quote: the first quote behind an even number of backslashes. */
function endOfString(json: string, from: number): number {
  let at = from;
  for (;;) {
    const next = json.indexOf('"', at);
    if (next === -1) return json.length;
    let first = next;
    while (first > from && json.charCodeAt(first - 1) === backslash) first -= 1;
    if ((next - first) % 2 === 0) return next + 1;
    at = next + 1;
  }
}

function endOfNumber(json: string, from: number): number {
  let end = from + 1;
  while (end < json.length && isNumberPart(json.charCodeAt(end))) end += 1;
  return end;
}

/** Digits, sign, point and exponent; `e` alone also stands in `true`, which is then skipped whole. */
function isNumberPart(code: number): boolean {
  const isDigit = code >= 0x30 && code <= 0x39;
  return isDigit || code === minus || code === 0x2b || code === 0x2e || code === 0x45 || code === 0x65;
}
