const hour = 60 * 60_000;

/** Every duration of an incident, in milliseconds; copied into its row when it is opened. */
export type BreachTimings = {
  /** From the discovery: until then everybody who is affected has to be told. */
  noticeDueMs: number;
  /** From the discovery, ascending: as long as people are not told, an alarm each. */
  alarmsMs: number[];
  /** A notice that has not gone out after so long: a second way to the person is taken. */
  secondWayMs: number;
  /** How often it is looked at what became of the notices. */
  receiptsMs: number;
  /** One attempt of an activity: a page of people is sealed and queued. */
  activityTimeoutMs: number;
  /** The first retry of a failed activity comes after this. */
  activityRetryMs: number;
};

/** 72 hours: the strictest of the laws and promises that the product stands under. */
export const defaultBreachTimings: BreachTimings = {
  noticeDueMs: 72 * hour,
  alarmsMs: [24 * hour, 48 * hour, 60 * hour, 70 * hour],
  secondWayMs: 2 * hour,
  receiptsMs: hour / 4,
  activityTimeoutMs: 60_000,
  activityRetryMs: 1_000,
};
