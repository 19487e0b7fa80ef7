import type { OrderRow } from "../../db/orders.ts";

/** A slip may belong to it: money by transfer is still to come. */
export function awaitsTransfer(order: OrderRow): boolean {
  return (
    order.order_state === "placed" &&
    order.payment_kind === "transfer" &&
    ["due", "under_review", "part_paid"].includes(order.payment_state)
  );
}
