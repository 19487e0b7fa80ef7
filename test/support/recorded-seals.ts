import { toAsciiDigits } from "../../domain/text/myanmar-digits.ts";
import type { Sealer } from "../../domain/sealing.ts";

/** Whatever is sealed from now on, before it is sealed: with what stands open in tables, all that a database gets. */
export function recordSeals(sealer: Sealer, plaintexts: string[]): void {
  const { seal } = sealer;
  sealer.seal = (items) => {
    plaintexts.push(...items.map(({ plaintext }) => Buffer.from(plaintext).toString("utf8")));
    return seal.call(sealer, items);
  };
}

/** A text with all its numbers as plain digits without anything between them. */
export function joinedDigits(text: string): string {
  return toAsciiDigits(text).replace(/(?<=\d)\D{1,4}(?=\d)/gu, "");
}
