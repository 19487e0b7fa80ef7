import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

import { AppError } from "../domain/app-error.ts";
import { ByteReader } from "./byte-reader.ts";

const magic = Buffer.from("SHTB\u0001", "latin1");
const saltLength = 16;
const tagLength = 16;
const chunkLength = 1_048_576;

export type PartKey = {
  /** 32 bytes. */
  key: Buffer;
  /** What it is, and of which set: a part in another's place does not open. */
  name: string;
};

/**
 * AES-256-GCM in chunks under a key of this part alone. Each chunk's number is its nonce, and whether it is the last one is
 * authenticated: chunks cannot be left out, swapped or cut off.
 */
export async function* sealPart(source: AsyncIterable<Uint8Array>, partKey: PartKey): AsyncGenerator<Buffer> {
  const salt = randomBytes(saltLength);
  const key = deriveKey(partKey, salt);
  yield Buffer.concat([magic, salt]);
  const reader = new ByteReader(source);
  let chunk = (await reader.read(chunkLength)) ?? Buffer.alloc(0);
  for (let index = 0; ; index += 1) {
    const next = await reader.read(chunkLength);
    yield sealChunk(key, chunk, { index, isLast: next === undefined });
    if (next === undefined) return;
    chunk = next;
  }
}

/** Throws `backup.damaged`, or `backup.wrong_key`, before any byte that is not as it was written. */
export async function* openPart(source: AsyncIterable<Uint8Array>, partKey: PartKey): AsyncGenerator<Buffer> {
  const { name } = partKey;
  const reader = new ByteReader(source);
  const head = await reader.read(magic.length + saltLength);
  if (head === undefined || !head.subarray(0, magic.length).equals(magic)) throw damaged(name);
  const key = deriveKey(partKey, head.subarray(magic.length));
  for (let index = 0; ; index += 1) {
    const length = await reader.read(4);
    if (length === undefined || length.length < 4) throw damaged(name);
    const flagged = length.readUInt32BE(0);
    const isLast = flagged >= lastFlag;
    const size = isLast ? flagged - lastFlag : flagged;
    if (size > chunkLength + tagLength || size < tagLength) throw damaged(name);
    const sealed = await reader.read(size);
    if (sealed === undefined || sealed.length < size) throw damaged(name);
    yield openChunk(key, sealed, { index, isLast, name });
    if (isLast) return;
  }
}

/** The highest bit of a length marks the last chunk. */
const lastFlag = 2 ** 31;

function sealChunk(key: Buffer, chunk: Buffer, place: { index: number; isLast: boolean }): Buffer {
  const cipher = createCipheriv("aes-256-gcm", key, nonceOf(place.index));
  cipher.setAAD(bindingOf(place));
  const sealed = Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(sealed.length + (place.isLast ? lastFlag : 0));
  return Buffer.concat([length, sealed]);
}

function openChunk(
  key: Buffer,
  sealed: Buffer,
  { name, ...place }: { index: number; isLast: boolean; name: string },
): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, nonceOf(place.index), { authTagLength: tagLength });
  decipher.setAAD(bindingOf(place));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagLength));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - tagLength)), decipher.final()]);
  } catch (cause) {
    throw damaged(name, cause);
  }
}

function bindingOf({ index, isLast }: { index: number; isLast: boolean }): Buffer {
  return Buffer.from(`${index}|${isLast ? "last" : "more"}`, "utf8");
}

function nonceOf(index: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(index, 8);
  return nonce;
}

function deriveKey({ key, name }: PartKey, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync("sha256", key, salt, `shopthread|backup part|1|${name}`, 32));
}

function damaged(name: string, cause?: unknown): AppError {
  const message = `The backup cannot be used: ${name} is damaged. Take another set.`;
  return new AppError("invalid", "backup.damaged", { internal: message, public: message, cause });
}
