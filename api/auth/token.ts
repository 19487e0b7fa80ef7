import { createHash, randomBytes } from "node:crypto";

export type TokenKind = "session" | "apiKey";

const prefixes = { session: "ses_", apiKey: "sk_" } as const;
const pattern = /^(ses|sk)_[A-Za-z0-9_-]{43}$/;

/** 32 random bytes behind a prefix; only the SHA-256 of the whole text is ever stored. */
export function newToken(kind: TokenKind): { token: string; tokenHash: Buffer } {
  const token = prefixes[kind] + randomBytes(32).toString("base64url");
  return { token, tokenHash: hashToken(token) };
}

export function hashToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** What a text could be; `undefined` when it is neither of our tokens. */
export function tokenKind(token: string): TokenKind | undefined {
  const prefix = pattern.exec(token)?.[1];
  if (prefix === undefined) return undefined;
  return prefix === "ses" ? "session" : "apiKey";
}
