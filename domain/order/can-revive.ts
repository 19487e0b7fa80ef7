import type { PaymentKind } from "../payment/payment-kind.ts";
import type { OrderState } from "./states.ts";

type Ended = { order: OrderState; cancelReason: string | null; receivedMinor: number };

/**
 * An order that expired may come back for money that came late, while no money of it was recorded: money that was is
 * owed to the customer, and the customer was told so.
 */
export function mayRevive({ order, cancelReason, receivedMinor }: Ended): boolean {
  return order === "cancelled" && cancelReason === "expired" && receivedMinor === 0;
}

/** For a slip the owner says so; an order that is paid at a provider comes back by the provider's word. */
export function ownerMayRevive({ kind, ...ended }: Ended & { kind: PaymentKind }): boolean {
  return kind === "transfer" && mayRevive(ended);
}
