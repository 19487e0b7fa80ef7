import type { SubjectId } from "../domain/id.ts";
import type { DataKey, KeyRef } from "../domain/ports/keyring.ts";

type Entry = { dataKey: DataKey; expiresAtMs: number };

/** Plaintext data keys: bounded in number and in time, least recently used out first. */
export class KeyCache {
  readonly #entries = new Map<string, Entry>();
  readonly #idByRef = new Map<string, string>();
  readonly #limits: { maxKeys: number; ttlMs: number };
  readonly #monotonicMs: () => number;
  /** Rises with each `forget`, so that a key fetched before it is not kept after it. */
  generation = 0;
  hits = 0;
  misses = 0;

  constructor(limits: { maxKeys: number; ttlMs: number }, monotonicMs: () => number) {
    this.#limits = limits;
    this.#monotonicMs = monotonicMs;
  }

  get size(): number {
    return this.#entries.size;
  }

  findById(id: string): DataKey | undefined {
    const found = this.#findLiving(id);
    this.#count(found);
    return found;
  }

  findByRef(ref: KeyRef): DataKey | undefined {
    const id = this.#idByRef.get(refText(ref));
    const found = id === undefined ? undefined : this.#findLiving(id);
    this.#count(found);
    return found;
  }

  #count(found: DataKey | undefined): void {
    if (found === undefined) this.misses += 1;
    else this.hits += 1;
  }

  #findLiving(id: string): DataKey | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    if (entry.expiresAtMs <= this.#monotonicMs()) {
      this.#remove(id, entry);
      return undefined;
    }
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    return entry.dataKey;
  }

  add(dataKey: DataKey): void {
    this.#entries.delete(dataKey.id);
    this.#entries.set(dataKey.id, { dataKey, expiresAtMs: this.#monotonicMs() + this.#limits.ttlMs });
    this.#idByRef.set(refText(dataKey), dataKey.id);
    for (const [id, entry] of this.#entries) {
      if (this.#entries.size <= this.#limits.maxKeys) break;
      this.#remove(id, entry);
    }
  }

  forget(subjectId: SubjectId): void {
    this.generation += 1;
    for (const [id, entry] of this.#entries) {
      if (entry.dataKey.subjectId === subjectId) this.#remove(id, entry);
    }
  }

  #remove(id: string, entry: Entry): void {
    this.#entries.delete(id);
    const ref = refText(entry.dataKey);
    if (this.#idByRef.get(ref) === id) this.#idByRef.delete(ref);
  }
}

export function refText(ref: KeyRef): string {
  return `${ref.shopId}|${ref.subjectId}|${ref.purpose}`;
}
