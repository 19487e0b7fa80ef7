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

/** The same rows, for whoever changes the epoch that wraps them. */
export interface EpochRows {
  /** Of the oldest epoch that is closed for new keys and not destroyed. */
  findClosing(): Promise<number | undefined>;
  currentEpoch(): Promise<number>;
  /**
   * Closes the open epoch and opens the next in one transaction, after whoever stores a key of it has committed. False, and
   * nothing is changed, when another epoch is open or one is closing already.
   */
  openNext(change: { open: number; now: Date }): Promise<boolean>;
  listKeys(page: { epoch: number; after: string | null; limit: number }): Promise<NewKey[]>;
  /** Replaces those that `from` still wraps, while `to` is held open; the others are another's, or destroyed. */
  replaceKeys(change: { from: number; to: number; keys: NewKey[] }): Promise<number>;
  countKeys(epoch: number): Promise<number>;
  /** False: it is destroyed already. Throws `conflict` `key.epoch_in_use` while it is open or wraps a key. */
  settleEmpty(epoch: number): Promise<boolean>;
  markDestroyed(epoch: number, now: Date): Promise<void>;
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

/** `last`: the id after which to go on, null at the end. `damaged`: keys that do not open, and stay as they are. */
export type RewrappedPage = { replaced: number; damaged: number; last: string | null };

/** The keyring's part in changing the epoch key. Each may be asked again at any time; wrapped keys never leave the keyring. */
export interface KeyRotator {
  /** Opens the next epoch and closes the one before for new keys; answers the one to be emptied, which may be closed since long. */
  closeEpoch(now: Date): Promise<number>;
  /** Wraps a page of what the epoch wraps under the open one. */
  rewrapKeys(page: { epoch: number; after: string | null; limit: number }): Promise<RewrappedPage>;
  countKeys(epoch: number): Promise<number>;
  /** Removes its key from every copy of the keyring. Throws `conflict` `key.epoch_in_use` while it wraps a living key. */
  destroyEpoch(epoch: number, now: Date): Promise<void>;
}
