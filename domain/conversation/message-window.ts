const hour = 3_600_000;

export type WindowState = { isOpen: boolean; closesAt: Date | null };
type WindowFacts = { lastCustomerActionAt: Date | null; now: Date };

/** Meta's standard messaging window: anything may be sent for 24 hours after the customer's last action. */
export function windowState(facts: WindowFacts): WindowState {
  return windowOf(24 * hour, facts);
}

/** The human agent tag: what a person writes, never a machine, may go out for 7 days. */
export function humanAgentWindow(facts: WindowFacts): WindowState {
  return windowOf(7 * 24 * hour, facts);
}

function windowOf(lengthMs: number, { lastCustomerActionAt, now }: WindowFacts): WindowState {
  if (lastCustomerActionAt === null) return { isOpen: false, closesAt: null };
  const closesAt = new Date(lastCustomerActionAt.getTime() + lengthMs);
  return { isOpen: now < closesAt, closesAt };
}
