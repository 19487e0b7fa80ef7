const hour = 60 * 60_000;
const day = 24 * hour;

/** Every duration that a request about privacy waits for, in milliseconds; copied into its row when it is made. */
export type PrivacyTimings = {
  /** From its receipt: nobody has proven whose it is, or confirmed it. */
  verifyDueMs: number;
  /** From the acceptance of a deletion: until then it can be taken back. */
  cancelWindowMs: number;
  /** From its receipt: a shop that was silent until then is no longer waited for. */
  ownerSilenceMs: number;
  /** From its receipt, in order: whoever must act is reminded. */
  remindersMs: number[];
  /** One attempt of an activity: a few Postgres transactions. */
  activityTimeoutMs: number;
  /** The first retry of a failed activity comes after this. */
  activityRetryMs: number;
};

/** No profile gives more than this. */
export const hardLimitMs = 30 * day;
/** Within which a request should be done, where its profile asks for no less. */
export const targetMs = 72 * hour;

export const defaultPrivacyTimings: PrivacyTimings = {
  verifyDueMs: 72 * hour,
  cancelWindowMs: 24 * hour,
  ownerSilenceMs: 20 * day,
  remindersMs: [10 * day, 20 * day, 29 * day],
  activityTimeoutMs: 30_000,
  activityRetryMs: 1_000,
};

/** Where the law gives three times 24 hours. */
export const threeDayTimings: PrivacyTimings = {
  ...defaultPrivacyTimings,
  verifyDueMs: 24 * hour,
  cancelWindowMs: 12 * hour,
  ownerSilenceMs: 48 * hour,
  remindersMs: [24 * hour, 48 * hour, 64 * hour],
};

/** Of who may be a child: erased within a day of the word that counts, of which the shop has half to find that it is none. */
export const ageReportTimings: PrivacyTimings = {
  ...threeDayTimings,
  remindersMs: [18 * hour],
};
export const ageReportDueMs = day;

/** An owner thinks a deletion of their account over for so long, unless a setting says otherwise. */
export const defaultCoolOffMs = 7 * day;
