import type { OrderRow } from "../../db/orders.ts";

/** Money of the customer is still to come. */
export function waitsForMoney(order: Pick<OrderRow, "order_state" | "payment_state">): boolean {
  return order.order_state === "placed" && ["due", "under_review", "part_paid"].includes(order.payment_state);
}
