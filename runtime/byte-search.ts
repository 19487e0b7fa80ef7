import { constants, inflateRawSync } from "node:zlib";
import type { CanaryForm } from "./canary-forms.ts";

export type Finding = { canary: string; form: string; offset: number };

export type ByteSearch = {
  longest: number;
  /** Each form once a buffer, at its first place; packed members are opened. */
  search(bytes: Buffer): Finding[];
};

const gzipMagic = Buffer.from([0x1f, 0x8b, 0x08]);
const mostUnpackedBytes = 256 * 1024 * 1024;
/** Packed in packed in packed: nobody does it by accident. */
const deepest = 3;

/** One pass over the bytes whatever the number of patterns: the first two bytes are looked up in a table, then four. */
export function createByteSearch(forms: CanaryForm[]): ByteSearch {
  const isHead = new Uint8Array(65_536);
  const heads = new Map<number, CanaryForm[]>();
  for (const form of forms) {
    const head = form.bytes.readUInt32BE(0);
    isHead[head >>> 16] = 1;
    heads.set(head, [...(heads.get(head) ?? []), form]);
  }
  const search = (bytes: Buffer, depth: number): Finding[] => {
    const found = new Map<CanaryForm, number>();
    for (let at = 0, last = bytes.length - 4; at <= last; at += 1) {
      if (isHead[((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)] === 0) continue;
      for (const form of heads.get(bytes.readUInt32BE(at)) ?? []) {
        if (!found.has(form) && isAt(bytes, at, form.bytes)) found.set(form, at);
      }
    }
    const plain = [...found].map(([{ canary, form }, offset]) => ({ canary, form, offset }));
    return depth === deepest
      ? plain
      : [...plain, ...searchPacked(bytes, (inner) => search(inner, depth + 1))];
  };
  return {
    longest: Math.max(0, ...forms.map(({ bytes }) => bytes.length)),
    search: (bytes) => search(bytes, 0),
  };
}

function isAt(bytes: Buffer, at: number, wanted: Buffer): boolean {
  return at + wanted.length <= bytes.length && wanted.compare(bytes, at, at + wanted.length) === 0;
}

function searchPacked(bytes: Buffer, search: (bytes: Buffer) => Finding[]): Finding[] {
  const findings: Finding[] = [];
  for (let at = bytes.indexOf(gzipMagic); at !== -1; at = bytes.indexOf(gzipMagic, at + 1)) {
    const inner = unpack(bytes.subarray(at));
    const start = at;
    if (inner === undefined) continue;
    findings.push(...search(inner).map((hit) => ({ ...hit, form: `${hit.form}, gzip`, offset: start })));
  }
  return findings;
}

/** As far as it goes: a member that was cut off still shows its beginning, and what follows it does not matter. */
function unpack(bytes: Buffer): Buffer | undefined {
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: mostUnpackedBytes };
    return inflateRawSync(bytes.subarray(headerLength(bytes)), options);
  } catch {
    return undefined; // three bytes that looked like the beginning of one
  }
}

/** RFC 1952: ten bytes, then what the flags say: extra field, name, comment, checksum. */
function headerLength(bytes: Buffer): number {
  const flags = bytes[3] ?? 0;
  let length = 10;
  if (flags & 4) length += 2 + bytes.readUInt16LE(length);
  if (flags & 8) length = bytes.indexOf(0, length) + 1;
  if (flags & 16) length = bytes.indexOf(0, length) + 1;
  return flags & 2 ? length + 2 : length;
}
