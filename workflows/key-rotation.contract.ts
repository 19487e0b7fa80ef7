/** Names under which the worker registers the workflow that the schedule starts. */
export const keyRotationWorkflow = "keyRotation";

/** An epoch key that is closed for new keys; and how long a process may still use what it has read. */
export type ClosedEpoch = { version: 1; epoch: number; waitMs: number };

export type EpochRef = { version: 1; epoch: number };

/** `isDestroyed` false: keys of it came back again and again; the next run goes on with it. */
export type KeyRotation = { version: 1; epoch: number; isDestroyed: boolean };

export interface KeyRotationActivities {
  /** Opens the next epoch; or takes up the one that an earlier run has closed and not destroyed. */
  closeKeyEpoch(): Promise<ClosedEpoch>;
  /** Wraps what the epoch wraps under the open one, to the last key. Fails while one of them is damaged. */
  rewrapKeys(epoch: EpochRef): Promise<{ replaced: number }>;
  countKeysLeft(epoch: EpochRef): Promise<number>;
  /** False, and it stays: a living key is left, or it is open once more, as in a database that was put back. */
  destroyKeyEpoch(epoch: EpochRef): Promise<boolean>;
}
