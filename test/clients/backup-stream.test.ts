import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";

import { openPart, sealPart } from "../../clients/backup-stream.ts";
import { fc, runs } from "../support/properties.ts";

const partKey = { key: randomBytes(32), name: "data/set/part" };

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const seal = (bytes: Buffer, key = partKey) => buffer(sealPart(pieces(bytes, 70_001), key));
const open = (sealed: Buffer, key = partKey) => buffer(openPart(pieces(sealed, 4_099), key));

test("gives back what was sealed, whatever its length and pieces", async () => {
  for (const length of [0, 1, 1_048_575, 1_048_576, 1_048_577, 3_000_000]) {
    const bytes = randomBytes(length);
    const sealed = await seal(bytes);
    expect((await open(sealed)).equals(bytes)).toBe(true);
    expect(sealed.length).toBeLessThan(length + 100);
  }
});

test("two sealings of the same bytes are different, and neither shows them", async () => {
  const bytes = Buffer.from("CANARY ".repeat(100));
  const [one, two] = [await seal(bytes), await seal(bytes)];
  expect(one.equals(two)).toBe(false);
  expect(one.includes("CANARY")).toBe(false);
});

const head = 21;
const chunk = 1_048_576 + 20;

/** What may have happened to a part of three chunks; `at` is anywhere in it. */
const damages: Record<string, (sealed: Buffer, at: number) => Buffer> = {
  "a flipped bit": (sealed, at) => {
    const flipped = Buffer.from(sealed);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    return flipped;
  },
  "a cut": (sealed, at) => sealed.subarray(0, at),
  "a cut between chunks": (sealed) => sealed.subarray(0, head + 2 * chunk),
  "a cut that says it is the end": (sealed) => markedLast(sealed.subarray(0, head + 2 * chunk), head + chunk),
  "a chunk left out": (sealed) => Buffer.concat([sealed.subarray(0, head), sealed.subarray(head + chunk)]),
  "two chunks swapped": (sealed) =>
    Buffer.concat([
      sealed.subarray(0, head),
      sealed.subarray(head + chunk, head + 2 * chunk),
      sealed.subarray(head, head + chunk),
      sealed.subarray(head + 2 * chunk),
    ]),
};

function markedLast(sealed: Buffer, at: number): Buffer {
  const marked = Buffer.from(sealed);
  marked[at] = (marked[at] ?? 0) | 0x80;
  return marked;
}

test("refuses whatever was changed, cut, left out or swapped, another key and another place", async () => {
  const sealed = await seal(randomBytes(2_500_000));
  const isDamage = { code: "backup.damaged" };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(damages)),
      fc.nat({ max: sealed.length - 1 }),
      async (what, at) => {
        await expect(open(damages[what]?.(sealed, at) ?? sealed)).rejects.toMatchObject(isDamage);
      },
    ),
    { numRuns: runs(40) },
  );
  await expect(open(sealed, { ...partKey, key: randomBytes(32) })).rejects.toMatchObject(isDamage);
  await expect(open(sealed, { ...partKey, name: "data/set/other" })).rejects.toMatchObject(isDamage);
});
