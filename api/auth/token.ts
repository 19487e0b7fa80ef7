import { createHash, randomBytes } from "node:crypto";

export type TokenKind = "session" | "apiKey" | "signIn" | "invitation";

const prefixes = { session: "ses_", apiKey: "sk_", signIn: "sit_", invitation: "inv_" } as const;
const pattern = /^([a-z]+_)[A-Za-z0-9_-]{43}$/;

/** 32 random bytes behind a prefix; only the SHA-256 of the whole text is ever stored. */
export function newToken(kind: TokenKind): { token: string; tokenHash: Buffer } {
  const token = prefixes[kind] + randomBytes(32).toString("base64url");
  return { token, tokenHash: hashToken(token) };
}

export function hashToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** What a text could be; `undefined` when it is none of our tokens. */
export function tokenKind(token: string): TokenKind | undefined {
  const prefix = pattern.exec(token)?.[1];
  const kinds = Object.keys(prefixes) as TokenKind[]; // its own keys
  return kinds.find((kind) => prefixes[kind] === prefix);
}
