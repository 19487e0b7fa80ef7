import { createHash } from "node:crypto";

import type { BlindIndexer } from "../sealing.ts";

/** Crockford's: no letter that looks like a digit. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const letters = 16;

/**
 * The code by which a person follows a request: 80 bits that nobody can guess without the index key, and the same however
 * often they are asked for, so that a repeated callback answers the same. Of it only the hash is stored.
 */
export async function codeOfRequest(indexer: BlindIndexer, requestId: string): Promise<string> {
  const bytes = await indexer.index("platform", "privacy_request.code", requestId);
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const text = Array.from({ length: letters }, (_, place) => {
    return alphabet[Number.parseInt(bits.slice(place * 5, place * 5 + 5), 2)] ?? "";
  }).join("");
  return text.replace(/(.{4})(?!$)/gu, "$1-");
}

/** The code in what a person typed, in its one spelling; undefined: it is none. */
export function readRequestCode(text: string): string | undefined {
  const plain = text
    .trim()
    .toUpperCase()
    .replaceAll(/[\s-]/gu, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/gu, "1");
  if (!/^[0-9A-HJKMNP-TV-Z]{16}$/u.test(plain)) return undefined;
  return plain.replace(/(.{4})(?!$)/gu, "$1-");
}

export function hashRequestCode(code: string): Buffer {
  return createHash("sha256").update(`privacy|${code}`).digest();
}
