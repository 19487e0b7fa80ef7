import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import type { DataConverter, Payload, PayloadCodec } from "@temporalio/common";
import { AppError } from "../domain/app-error.ts";

/** `id` stands in clear in every payload; `key` has 32 bytes. */
export type PayloadKey = { id: string; key: Uint8Array };

/** Path of the failure converter, which client, worker and workflow bundle load with `require`. */
export const failureConverterPath: string = createRequire(import.meta.url).resolve("./failure-converter.cjs");

export const sealedEncoding = "binary/shopthread-sealed";

const version = 1;
const nonceLength = 12;
const tagLength = 16;
const overhead = 1 + nonceLength + tagLength;

/** What converters of the SDK write; payloads of the server's own and of the command-line tool come so. */
const plainEncodings = new Set([
  "json/plain",
  "binary/null",
  "binary/plain",
  "json/protobuf",
  "binary/protobuf",
]);

/** For client and worker. The first key seals, all of them open; a key goes when no execution uses it any more. */
export function createDataConverter(keys: PayloadKey[]): DataConverter {
  return { payloadCodecs: [createPayloadCodec(keys)], failureConverterPath };
}

/**
 * Seals every payload with the namespace key, metadata included. `encode` never throws: the worker calls it while it
 * reports a failure, and a throw there ends the whole worker. `decode` throws `AppError`s that carry no content.
 */
export function createPayloadCodec(keys: PayloadKey[]): PayloadCodec {
  const byId = new Map(keys.map((key) => [key.id, key]));
  const current = checkKeys(keys, byId.size);
  return {
    encode: (payloads) => Promise.resolve(payloads.map((payload) => sealSafely(payload, current))),
    // `async`, so that an error becomes a rejection.
    decode: async (payloads) => payloads.map((payload) => open(payload, byId)),
  };
}

function checkKeys(keys: PayloadKey[], distinctIds: number): PayloadKey {
  const [current] = keys;
  const isFine = keys.every(({ id, key }) => /^[\w.-]{1,64}$/.test(id) && key.length === 32);
  if (current !== undefined && isFine && distinctIds === keys.length) return current;
  throw new AppError("invalid", "config.payload_keys", {
    internal: "payload keys need distinct ids of letters and digits, and 32 bytes each; at least one",
  });
}

function sealSafely(payload: Payload, key: PayloadKey): Payload {
  try {
    return seal(payload, key);
  } catch {
    // Cannot happen with checked keys; it reads as an encoded failure without message rather than as plaintext.
    return {
      metadata: { encoding: Buffer.from("json/plain") },
      data: Buffer.from(JSON.stringify({ message: "payload could not be sealed", stack_trace: "" })),
    };
  }
}

function seal(payload: Payload, { id, key }: PayloadKey): Payload {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(binding(id));
  const body = [cipher.update(serialise(payload)), cipher.final()];
  return {
    metadata: { encoding: Buffer.from(sealedEncoding), kid: Buffer.from(id) },
    data: Buffer.concat([Buffer.from([version]), nonce, ...body, cipher.getAuthTag()]),
  };
}

function open(payload: Payload, keys: Map<string, PayloadKey>): Payload {
  const encoding = textOf(payload.metadata?.["encoding"]);
  if (encoding === "" || plainEncodings.has(encoding)) return payload;
  if (encoding !== sealedEncoding) throw broken("payload.unknown_encoding", "no encoding of ours");
  const id = textOf(payload.metadata?.["kid"]);
  const known = keys.get(id);
  if (known === undefined) throw broken("payload.unknown_key", "its key is not among ours");
  const data = Buffer.from(payload.data ?? []);
  if (data.length < overhead || data[0] !== version) throw broken("payload.damaged", "no format of ours");
  const decipher = createDecipheriv("aes-256-gcm", known.key, data.subarray(1, 1 + nonceLength), {
    authTagLength: tagLength,
  });
  decipher.setAAD(binding(id));
  decipher.setAuthTag(data.subarray(data.length - tagLength));
  try {
    const body = data.subarray(1 + nonceLength, data.length - tagLength);
    return deserialise(Buffer.concat([decipher.update(body), decipher.final()]));
  } catch {
    throw broken("payload.damaged", "authentication failed");
  }
}

/** `length of head (4 bytes) head data`, the head being the metadata as JSON with base64 values. */
function serialise({ metadata, data }: Payload): Buffer {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [
    name,
    Buffer.from(value).toString("base64"),
  ]);
  const head = Buffer.from(JSON.stringify(entries));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, Buffer.from(data ?? [])]);
}

function deserialise(bytes: Buffer): Payload {
  const headEnd = 4 + bytes.readUInt32BE(0);
  // Written by `serialise` and authenticated since.
  const entries = JSON.parse(bytes.subarray(4, headEnd).toString()) as [string, string][];
  const metadata = Object.fromEntries(entries.map(([name, value]) => [name, Buffer.from(value, "base64")]));
  return { metadata, data: bytes.subarray(headEnd) };
}

function binding(id: string): Buffer {
  return Buffer.from(`${id}|payload|${version}`);
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString("utf8");
}

function broken(code: string, internal: string): AppError {
  return new AppError("internal", code, { internal });
}
