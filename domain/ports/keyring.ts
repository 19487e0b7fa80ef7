import type { NewKey, Purpose } from "../sealing.ts";
import type { ShopId, SubjectId } from "../id.ts";

export type KeyRef = { shopId: ShopId; subjectId: SubjectId; purpose: Purpose };

/** Wrapped keys of `subject_keys`, read by the keyring alone (database role `keyring`). */
export interface KeyRows {
  /** Every stored key that has one of the references or one of the ids, in one query; unknown ones are left out. */
  find(wanted: { refs: KeyRef[]; ids: string[] }): Promise<NewKey[]>;
  /** The number of the epoch that is open for new keys. */
  currentEpoch(): Promise<number>;
}

/** A data key in the clear (32 bytes); it lives in memory only. */
export type DataKey = KeyRef & { id: string; key: Buffer };

/** Keeper of the root, epoch and index keys: in this process for `npm start`, a service of its own in compose. */
export interface Keyring {
  /** One new key a reference, wrapped under the open epoch and not stored. */
  makeKeys(refs: KeyRef[]): Promise<{ row: NewKey; dataKey: DataKey }[]>;
  /** The living keys among those wanted; a destroyed or unknown one is left out. */
  unwrap(wanted: { refs: KeyRef[]; ids: string[] }): Promise<DataKey[]>;
  /** 32 bytes; another one for each shop, so that equal values of two shops cannot be matched. */
  indexKey(scope: ShopId | "platform"): Promise<Buffer>;
}
