const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Every duration of an erasure, in milliseconds; copied into its row when it is planned. */
export type ErasureTimings = {
  /** Workflows of the person get this long to end by themselves; then they are terminated. */
  closeWaitMs: number;
  /** Between two looks at what runs, and at what Temporal has yet to delete. */
  pollMs: number;
  /** So long one attempt looks whether Temporal has deleted all runs; it takes up to 35 s after a run has ended. */
  deletionWaitMs: number;
  /** A process keeps a key that it has unwrapped for 60 s; what opens after this is no cache's. */
  keyCacheMs: number;
  /** How often it is looked whether a kept order is over. */
  holdCheckMs: number;
  /** How often it is looked whether the epochs of the destroyed keys are destroyed, which happens weekly. */
  finalCheckMs: number;
  /** As long as Messenger may repeat an event. */
  suppressionMs: number;
  /** One attempt of an activity: some Postgres transactions, and one for all rows of the person. */
  activityTimeoutMs: number;
  /** The first retry of a failed activity comes after this. */
  activityRetryMs: number;
};

export const defaultErasureTimings: ErasureTimings = {
  closeWaitMs: 30_000,
  pollMs: 1_000,
  deletionWaitMs: 2 * minute,
  keyCacheMs: 65_000,
  holdCheckMs: hour,
  finalCheckMs: 6 * hour,
  suppressionMs: 8 * day,
  activityTimeoutMs: 3 * minute,
  activityRetryMs: 1_000,
};
