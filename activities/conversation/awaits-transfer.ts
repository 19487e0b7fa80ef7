import type { OrderRow } from "../../db/orders.ts";
import { waitsForMoney } from "../order/waits-for-money.ts";

/** A slip may belong to it: money by transfer is still to come. */
export function awaitsTransfer(order: OrderRow): boolean {
  return order.payment_kind === "transfer" && waitsForMoney(order);
}
