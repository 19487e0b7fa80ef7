import { AppError } from "../domain/app-error.ts";
import type { SubjectId } from "../domain/id.ts";
import type { KeyCacheState } from "../domain/ports/house-state.ts";
import type { DataKey, KeyRef, Keyring } from "../domain/ports/keyring.ts";
import { purposesOf } from "../domain/sealing.ts";
import type { Sealer } from "../domain/sealing.ts";
import { bytesToUuid, openEnvelope, placeBinding, readKid, sealEnvelope, uuidToBytes } from "./envelope.ts";
import { KeyCache, refText } from "./key-cache.ts";

export interface CachingSealer extends Sealer {
  /** Drops the cached keys of a subject: after its keys are destroyed, or when keys just made lost the race to be stored. */
  forget(subjectId: SubjectId): void;
  cacheState(): KeyCacheState;
}

export type SealerOptions = {
  maxKeys?: number;
  /** How long a destroyed key may still open values in this process; erasure waits for it. */
  ttlMs?: number;
  monotonicMs?: () => number;
};

export const keyCacheTtlMs = 60_000;

export function createSealer(keyring: Keyring, options: SealerOptions = {}): CachingSealer {
  const limits = { maxKeys: options.maxKeys ?? 10_000, ttlMs: options.ttlMs ?? keyCacheTtlMs };
  const cache = new KeyCache(limits, options.monotonicMs ?? (() => performance.now()));

  async function fetchKeys(wanted: { refs: KeyRef[]; ids: string[] }): Promise<DataKey[]> {
    if (wanted.refs.length === 0 && wanted.ids.length === 0) return [];
    const { generation } = cache;
    const keys = await keyring.unwrap(wanted);
    if (cache.generation === generation) for (const key of keys) cache.add(key);
    return keys;
  }

  return {
    async makeKeys(subjects) {
      const refs = subjects.flatMap(({ shopId, subjectId, kind }) =>
        purposesOf[kind].map((purpose) => ({ shopId, subjectId, purpose })),
      );
      const made = await keyring.makeKeys(refs);
      for (const { dataKey } of made) cache.add(dataKey);
      return made.map(({ row }) => row);
    },

    async seal(items) {
      const places = uniqueBy(
        items.map(({ place }) => place),
        refText,
      );
      const cached = places.flatMap((ref) => cache.findByRef(ref) ?? []);
      const known = new Map(cached.map((key) => [refText(key), key]));
      const fetched = await fetchKeys({
        refs: places.filter((ref) => !known.has(refText(ref))).map(toRef),
        ids: [],
      });
      for (const key of fetched) known.set(refText(key), key);
      return items.map(({ place, plaintext }) => {
        const { key, id } = getKey(known, place);
        return sealEnvelope({ key, kid: uuidToBytes(id), boundTo: placeBinding(place), plaintext });
      });
    },

    async open(items) {
      const wanted = items.map((item) => ({ ...item, id: bytesToUuid(readKid(item.sealed)) }));
      const cached = uniqueBy(wanted, ({ id }) => id).flatMap(({ id }) => cache.findById(id) ?? []);
      const known = new Map(cached.map((key) => [key.id, key]));
      const missing = wanted.filter(({ id }) => !known.has(id));
      const fetched = await fetchKeys({
        refs: uniqueBy(
          missing.map(({ place }) => toRef(place)),
          refText,
        ),
        ids: [...new Set(missing.map(({ id }) => id))],
      });
      for (const key of fetched) known.set(key.id, key);
      const livingRefs = new Set(fetched.map(refText));
      return wanted.map(({ id, place, sealed }) => {
        const dataKey = known.get(id);
        if (dataKey !== undefined) {
          return openEnvelope({ key: dataKey.key, boundTo: placeBinding(place), sealed });
        }
        if (livingRefs.has(refText(place))) throw strangeKey(place);
        return undefined;
      });
    },

    forget: (subjectId) => cache.forget(subjectId),
    cacheState: () => ({ size: cache.size, hits: cache.hits, misses: cache.misses }),
  };
}

function getKey(known: Map<string, DataKey>, ref: KeyRef): DataKey {
  const key = known.get(refText(ref));
  if (key !== undefined) return key;
  throw new AppError("not_found", "key.missing", {
    internal: `subject ${ref.subjectId} has no key for ${ref.purpose}`,
  });
}

/** The place's own key lives, so an unknown key id is damage, not erasure. */
function strangeKey(ref: KeyRef): AppError {
  return new AppError("internal", "seal.damaged", {
    internal: `a value of subject ${ref.subjectId} names a key that is not its own`,
  });
}

function toRef({ shopId, subjectId, purpose }: KeyRef): KeyRef {
  return { shopId, subjectId, purpose };
}

function uniqueBy<T>(items: T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}
