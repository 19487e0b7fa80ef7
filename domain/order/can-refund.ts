import type { OrderState } from "./states.ts";

/** The owner may record as given back no more than what was received and is not given back yet. */
export function ownerMayRefund(facts: {
  order: OrderState;
  receivedMinor: number;
  refundedMinor: number;
  amountMinor: number;
}): boolean {
  if (facts.order === "draft" || !Number.isSafeInteger(facts.amountMinor)) return false;
  return facts.amountMinor > 0 && facts.amountMinor <= facts.receivedMinor - facts.refundedMinor;
}
