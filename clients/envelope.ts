import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { AppError } from "../domain/app-error.ts";
import type { Sealed, SealedPlace } from "../domain/sealing.ts";

const version = 1;
const aes256Gcm = 1;
const kidEnd = 18;
const nonceLength = 12;
const headerLength = kidEnd + nonceLength;
const tagLength = 16;

/** Bytes that an envelope adds to its plaintext. */
export const envelopeOverhead = headerLength + tagLength;

/** `ver(1) alg(1) kid(16) nonce(12) ct tag(16)`; the nonce is random, 2^32 values a key are far away. */
export function sealEnvelope(args: {
  key: Uint8Array;
  kid: Uint8Array;
  boundTo: string;
  plaintext: string | Uint8Array;
}): Sealed {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv("aes-256-gcm", args.key, nonce);
  cipher.setAAD(Buffer.from(args.boundTo, "utf8"));
  const plaintext = typeof args.plaintext === "string" ? Buffer.from(args.plaintext, "utf8") : args.plaintext;
  const head = Buffer.concat([Buffer.from([version, aes256Gcm]), args.kid, nonce]);
  if (head.length !== headerLength) throw damaged("key id is not 16 bytes");
  return asSealed(Buffer.concat([head, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
}

/** Throws `seal.damaged` when a byte, the key or what it is bound to differs; the error carries no content. */
export function openEnvelope(args: { key: Uint8Array; boundTo: string; sealed: Uint8Array }): Buffer {
  const { sealed } = args;
  assertFormat(sealed);
  const decipher = createDecipheriv("aes-256-gcm", args.key, sealed.subarray(kidEnd, headerLength), {
    authTagLength: tagLength,
  });
  decipher.setAAD(Buffer.from(args.boundTo, "utf8"));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagLength));
  try {
    const body = sealed.subarray(headerLength, sealed.length - tagLength);
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch (cause) {
    throw damaged("authentication failed", cause);
  }
}

/** The key id that an envelope names, as it stands there: not authenticated before the envelope is opened. */
export function readKid(sealed: Uint8Array): Buffer {
  assertFormat(sealed);
  return Buffer.from(sealed.subarray(2, kidEnd));
}

/** What a value of this place is bound to: `shop|subject|purpose|field|rowId|ver`. */
export function placeBinding(place: SealedPlace): string {
  const parts = [place.shopId, place.subjectId, place.purpose, place.field, place.rowId];
  if (parts.some((part) => part === "" || part.includes("|"))) {
    throw new AppError("internal", "seal.bad_place", { internal: `place of ${place.field} is ambiguous` });
  }
  return [...parts, version].join("|");
}

export function uuidToBytes(uuid: string): Buffer {
  const bytes = Buffer.from(uuid.replaceAll("-", ""), "hex");
  if (bytes.length !== 16) throw new AppError("internal", "seal.bad_key_id", { internal: "not a uuid" });
  return bytes;
}

export function bytesToUuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function assertFormat(sealed: Uint8Array): void {
  if (sealed.length < envelopeOverhead) throw damaged("too short");
  if (sealed[0] !== version || sealed[1] !== aes256Gcm) throw damaged("unknown version or algorithm");
}

function damaged(why: string, cause?: unknown): AppError {
  return new AppError("internal", "seal.damaged", { internal: why, cause });
}

/** Only this file makes envelopes, so only here a buffer becomes one. */
function asSealed(bytes: Buffer): Sealed {
  return bytes as Sealed;
}
