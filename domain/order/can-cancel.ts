import type { DeliveryState, OrderState, PaymentState } from "./states.ts";

type OrderStates = { order: OrderState; payment: PaymentState; fulfilment: DeliveryState };

/**
 * A customer may cancel until the shop begins to pack and while the shop holds nothing undecided or complete of theirs.
 * A part payment comes back as a refund; paid in full, only the owner cancels; a review counts once it is overdue.
 */
export function customerMayCancel({
  order,
  payment,
  fulfilment,
  reviewOverdue,
}: OrderStates & { reviewOverdue: boolean }): boolean {
  if (order === "draft") return true;
  if (order !== "placed" || fulfilment !== "pending") return false;
  if (payment === "under_review") return reviewOverdue;
  return payment === "due" || payment === "cod_due" || payment === "part_paid";
}

/** The owner may cancel until delivery, also what comes back from the road. */
export function ownerMayCancel({ order, fulfilment }: Omit<OrderStates, "payment">): boolean {
  return order === "placed" && fulfilment !== "delivered";
}
