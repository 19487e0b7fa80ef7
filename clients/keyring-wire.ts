import { z } from "zod";

import { purposesOf } from "../domain/sealing.ts";
import type { NewKey, Purpose } from "../domain/sealing.ts";
import type { DataKey, KeyRef } from "../domain/ports/keyring.ts";

/** What the keyring's process and its clients say to each other, as JSON over HTTP; bytes are base64. */
const purposes = Object.values(purposesOf).flat() as [Purpose, ...Purpose[]];

const keyRef = z.strictObject({ shopId: z.uuid(), subjectId: z.uuid(), purpose: z.enum(purposes) });
const bytes = z.base64().transform((text) => Buffer.from(text, "base64"));
const dataKey = keyRef.extend({ id: z.uuid(), key: bytes });

/** A request names at most this many keys; a webhook of a thousand updates makes three keys a person. */
const mostKeys = 5_000;

export const makeKeysRequest = z.strictObject({ refs: z.array(keyRef).max(mostKeys) });
export const unwrapRequest = z.strictObject({
  refs: z.array(keyRef).max(mostKeys),
  ids: z.array(z.uuid()).max(mostKeys),
});
export const indexKeyRequest = z.strictObject({ scope: z.union([z.uuid(), z.literal("platform")]) });

const epoch = z.int().positive();
/** A page of keys to be wrapped anew has at most so many. */
const mostRewrapped = 10_000;
export const closeEpochRequest = z.strictObject({ now: z.iso.datetime() });
export const rewrapRequest = z.strictObject({
  epoch,
  after: z.uuid().nullable(),
  limit: z.int().min(1).max(mostRewrapped),
});
export const countKeysRequest = z.strictObject({ epoch });
export const destroyEpochRequest = z.strictObject({ epoch, now: z.iso.datetime() });

export const closeEpochAnswer = z.strictObject({ epoch });
export const rewrapAnswer = z.strictObject({
  replaced: z.int(),
  damaged: z.int(),
  last: z.uuid().nullable(),
});
export const countKeysAnswer = z.strictObject({ count: z.int() });
export const doneAnswer = z.strictObject({});

export const makeKeysAnswer = z.strictObject({
  keys: z.array(
    z.strictObject({
      row: keyRef.extend({ id: z.uuid(), epoch: z.int(), wrapped: bytes }),
      dataKey,
    }),
  ),
});
export const unwrapAnswer = z.strictObject({ keys: z.array(dataKey) });
export const indexKeyAnswer = z.strictObject({ key: bytes });

export function encodeDataKey({ key, ...rest }: DataKey) {
  return { ...rest, key: key.toString("base64") };
}

export function encodeNewKey({ wrapped, ...rest }: NewKey) {
  return { ...rest, wrapped: wrapped.toString("base64") };
}

/** Branded ids are uuids whose kind the schema cannot know: what answers is our own keyring. */
export function asKeyRefs(refs: z.infer<typeof keyRef>[]): KeyRef[] {
  return refs as KeyRef[];
}
