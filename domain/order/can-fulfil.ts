import { canMove, deliveryTransitions } from "./states.ts";
import type { DeliveryState, OrderState, PaymentState } from "./states.ts";

/**
 * Goods leave only when they are paid for, or when cash on delivery was accepted by the owner. That they arrived is a
 * fact, whatever was given back meanwhile.
 */
export function ownerMayFulfil(facts: {
  order: OrderState;
  payment: PaymentState;
  isCodAccepted: boolean;
  from: DeliveryState;
  to: DeliveryState;
}): boolean {
  const isCovered =
    facts.from === "shipped" ||
    facts.payment === "paid" ||
    (facts.payment === "cod_due" && facts.isCodAccepted);
  return facts.order === "placed" && isCovered && canMove(deliveryTransitions, facts.from, facts.to);
}
