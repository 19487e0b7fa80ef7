import { createHash, randomBytes } from "node:crypto";

/** 128 random bits for a link in a mail; only their SHA-256 is stored. */
export function newMailToken(): { token: string; tokenHash: Buffer } {
  const token = randomBytes(16).toString("base64url");
  return { token, tokenHash: hashMailToken(token) };
}

export function hashMailToken(token: string): Buffer {
  return createHash("sha256").update(`mail|${token}`).digest();
}
