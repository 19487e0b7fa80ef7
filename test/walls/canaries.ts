import { randomBytes, randomInt } from "node:crypto";
import type { Canary } from "../../runtime/canary-forms.ts";

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** `cnry` and sixteen random bytes in base32: nothing else on a disk looks like it. */
export function token(): string {
  return `cnry${Array.from(randomBytes(26), (byte) => alphabet[byte % 32]).join("")}`;
}

export function digits(length: number): string {
  return Array.from({ length }, (_, index) => randomInt(index === 0 ? 1 : 0, 10)).join("");
}

/** A Burmese sentence that nobody else wrote: its words are real, so that no converter takes it for Zawgyi. */
export function burmeseSentence(): string {
  const words = ["ပန်းရောင်", "အပြာရောင်", "အနီရောင်", "မနက်ဖြန်", "ညနေ", "ရန်ကုန်", "မန္တလေး", "ကျေးဇူးတင်ပါတယ်"];
  return Array.from({ length: 9 }, () => words[randomInt(words.length)]).join(" ");
}

/** Pieces of a picture's data, from behind the tables that many pictures share. */
export function pieces(name: string, bytes: Buffer): Canary[] {
  const from = Math.min(2_000, Math.floor(bytes.length / 2));
  const step = Math.floor((bytes.length - from - 64) / 4);
  return [0, 1, 2, 3].map((index) => {
    const start = from + index * step;
    return { name: `${name}, piece ${index + 1}`, value: bytes.subarray(start, start + 64) };
  });
}

/** Under which names the texts are searched; what is planted is read from here. */
export class Canaries {
  private readonly planted = new Map<string, string>();

  plant(name: string, value = token()): string {
    this.planted.set(name, value);
    return value;
  }

  list(): Canary[] {
    return [...this.planted].map(([name, value]) => ({ name, value }));
  }

  texts(): string[] {
    return [...this.planted.values()];
  }
}
