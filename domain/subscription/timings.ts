const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Every duration that an upgrade request waits for, in milliseconds; copied into the request when it is made. */
export type UpgradeTimings = {
  /** From the request, or from being asked again: without evidence it lapses after this. */
  evidenceDueMs: number;
  /** From the evidence: the admins are reminded, then it is escalated, then it lapses undecided. */
  decisionReminderMs: number;
  decisionEscalationMs: number;
  decisionDueMs: number;
  /** From the end of a request that had evidence: then its key is destroyed and the pictures are removed. */
  purgeAfterMs: number;
  /** One attempt of an activity: a few Postgres transactions. */
  activityTimeoutMs: number;
  /** The first retry of a failed activity comes after this. */
  activityRetryMs: number;
};

export const defaultUpgradeTimings: UpgradeTimings = {
  evidenceDueMs: 7 * day,
  decisionReminderMs: 12 * hour,
  decisionEscalationMs: 24 * hour,
  decisionDueMs: 7 * day,
  purgeAfterMs: 90 * day,
  activityTimeoutMs: 30_000,
  activityRetryMs: 1_000,
};

/** Every duration that a subscription waits for, in milliseconds; copied into its row when that is made. */
export type SubscriptionTimings = {
  /** Before the end of what the shop has: its owner is reminded. */
  remindersBeforeMs: number[];
  /** From that end on: the service goes on, and so do the credits of the plan. */
  graceMs: number;
  /** From the end of grace: customers hear that a person will answer; then the agent is silent. */
  limitedMs: number;
  /** One attempt of an activity: a few Postgres transactions. */
  activityTimeoutMs: number;
  /** The first retry of a failed activity comes after this. */
  activityRetryMs: number;
};

/** As the default of the column in `0026-subscription-process`. */
export const defaultSubscriptionTimings: SubscriptionTimings = {
  remindersBeforeMs: [7 * day, 3 * day, day],
  graceMs: 3 * day,
  limitedMs: 14 * day,
  activityTimeoutMs: 30_000,
  activityRetryMs: 1_000,
};
