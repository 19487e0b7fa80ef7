import type { OrderState, PaymentState } from "./states.ts";

/** Only an order without money and without undecided evidence expires by itself; a person closes any other. */
export function mayExpire(facts: {
  order: OrderState;
  payment: PaymentState;
  heldMinor: number;
  hasUndecidedEvidence: boolean;
}): boolean {
  return (
    facts.order === "placed" &&
    facts.payment === "due" &&
    facts.heldMinor === 0 &&
    !facts.hasUndecidedEvidence
  );
}
