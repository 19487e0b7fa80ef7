import { createHash } from "node:crypto";
import { Secret } from "otpauth";

const count = 10;
const bytes = 16;

/** Ten codes of 128 random bits, in groups that can be written down; only their hashes are stored. */
export function newRecoveryCodes(): { codes: string[]; codeHashes: Buffer[] } {
  const texts = Array.from({ length: count }, () => new Secret({ size: bytes }).base32);
  return {
    codes: texts.map((text) => text.match(/.{1,4}/g)?.join("-") ?? text),
    codeHashes: texts.map(hash),
  };
}

/** The hash of what somebody typed in whatever case and grouping; undefined when it can be no recovery code. */
export function readRecoveryCode(text: string): Buffer | undefined {
  const plain = text.replaceAll(/[\s-]/g, "").toUpperCase();
  return /^[A-Z2-7]{26}$/.test(plain) ? hash(plain) : undefined;
}

/** So many random bits that a fast hash is enough. */
function hash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
