import type { ShopId, SubjectId } from "../id.ts";
import type { Purpose } from "../sealing.ts";

/** Whose keys were destroyed, and when: opaque ids only. */
export type ErasureEntry = { shopId: ShopId; subjectId: SubjectId; purposes: Purpose[]; at: Date };

/** Append-only, kept with the keyring and outside the database: what a restored backup is erased again by. */
export interface ErasureList {
  /** Durable when it returns. An entry that is appended twice is harmless. */
  append(entries: ErasureEntry[]): Promise<void>;
  read(): Promise<ErasureEntry[]>;
}
