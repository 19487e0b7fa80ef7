const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Every duration that an order waits for, in milliseconds; copied into the order when it is placed. */
export type OrderTimings = {
  /** Payment is awaited, and stock reserved, this long from placing; evidence under review stops this clock. */
  paymentDueMs: number;
  /** The customer is warned this long before an unpaid order expires. */
  expiryWarningMs: number;
  /** What the customer has just written may be the slip: an expiry waits for it to be read, and looks again after this. */
  expiryGraceMs: number;
  /** The clock may be stopped this often. */
  maxClockStops: number;
  /** From placing: no evidence is waited for after this, however often the clock was stopped. */
  evidenceHardEndMs: number;
  /** Evidence undecided this long: the owner is reminded, then it is escalated, then the customer is told and may cancel. */
  reviewReminderMs: number;
  reviewEscalationMs: number;
  reviewCustomerNoticeMs: number;
  /** Cash on delivery not accepted by the owner in this time is cancelled. */
  codAcceptMs: number;
  /** Paid and not shipped: a reminder to the owner this often. */
  shipReminderMs: number;
  /** Shipped this long ago and not marked delivered: the owner is asked. */
  deliveryQuestionMs: number;
  /** One attempt of an activity: a few Postgres transactions and up to four sends of 8 s. */
  activityTimeoutMs: number;
  /** The first retry of a failed activity comes after this. */
  activityRetryMs: number;
};

export const defaultOrderTimings: OrderTimings = {
  paymentDueMs: 24 * hour,
  expiryWarningMs: 2 * hour,
  expiryGraceMs: minute / 2,
  maxClockStops: 3,
  evidenceHardEndMs: 7 * day,
  reviewReminderMs: 4 * hour,
  reviewEscalationMs: 24 * hour,
  reviewCustomerNoticeMs: 72 * hour,
  codAcceptMs: 24 * hour,
  shipReminderMs: 24 * hour,
  deliveryQuestionMs: 7 * day,
  activityTimeoutMs: 45_000,
  activityRetryMs: 1_000,
};
