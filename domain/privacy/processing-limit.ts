/**
 * What is not done with a person's data until it is lifted. `restricted`: all is stored and nothing is used; the subject's
 * state is `frozen` by it. `no_ai`: a person of the shop answers, no model is asked.
 */
export const processingLimits = [
  "restricted",
  "no_ai",
  "no_follow_up",
  "no_marketing",
  "no_analytics",
] as const;
export type ProcessingLimit = (typeof processingLimits)[number];

/** For whose sake it was set: the person's own request, or a report of a child. Each lifts its own alone. */
export const limitGrounds = ["request", "age_report"] as const;
export type LimitGround = (typeof limitGrounds)[number];
