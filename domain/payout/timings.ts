const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Every duration that a payout waits for, in milliseconds; copied into the payout when it is tallied. */
export type PayoutTimings = {
  /** What is held is looked at again after this, should nobody ring before. */
  gateAgainMs: number;
  /** From the tally, or from a failure: the makers are reminded, then it is escalated. */
  proposalReminderMs: number;
  proposalEscalationMs: number;
  /** From the proposal: likewise the approvers. */
  approvalReminderMs: number;
  approvalEscalationMs: number;
  /** From the order to pay: its outcome is looked up, and who has to record it is reminded, then it is escalated. */
  recordReminderMs: number;
  recordEscalationMs: number;
  /** What was escalated is escalated again, for as long as it waits: money that is owed does not lapse. */
  escalateAgainMs: number;
  /** One attempt of an activity: a few Postgres transactions, and a call of the provider. */
  activityTimeoutMs: number;
  /** The first retry of a failed activity comes after this. */
  activityRetryMs: number;
};

export const defaultPayoutTimings: PayoutTimings = {
  gateAgainMs: 6 * hour,
  proposalReminderMs: 2 * day,
  proposalEscalationMs: 4 * day,
  approvalReminderMs: 1 * day,
  approvalEscalationMs: 2 * day,
  recordReminderMs: 1 * day,
  recordEscalationMs: 2 * day,
  escalateAgainMs: 1 * day,
  activityTimeoutMs: 30_000,
  activityRetryMs: 1_000,
};
