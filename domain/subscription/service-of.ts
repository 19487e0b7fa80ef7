import type { SubscriptionState } from "./subscription.ts";

/** What the agent does for a shop. */
export type AgentService =
  | "full"
  /** Each customer is told once that a person will answer, as when no credits are left. */
  | "fallback"
  /** Nothing is said, as with the agent off. */
  | "silent";

/**
 * The one place that says what a state of the subscription means for the agent. Whatever it is, messages are stored, taps,
 * orders, slips and the messages of decisions go on: who has bought something is not left alone because the shop owes us.
 */
const services: Record<SubscriptionState, AgentService> = {
  trial: "full",
  active: "full",
  grace: "full",
  limited: "fallback",
  suspended: "silent",
};

export function serviceOf(state: SubscriptionState): AgentService {
  return services[state];
}

/** The states of which the service is one of these. */
export function statesWith(...wanted: AgentService[]): SubscriptionState[] {
  const states = Object.keys(services) as SubscriptionState[]; // its keys are all of them
  return states.filter((state) => wanted.includes(services[state]));
}
