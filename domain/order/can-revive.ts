import type { OrderState } from "./states.ts";

/**
 * An order that expired may come back for a slip that came late, while no money of it was recorded: money that was is
 * owed to the customer, and the customer was told so.
 */
export function ownerMayRevive(facts: {
  order: OrderState;
  kind: "transfer" | "cod";
  cancelReason: string | null;
  receivedMinor: number;
}): boolean {
  return (
    facts.order === "cancelled" &&
    facts.kind === "transfer" &&
    facts.cancelReason === "expired" &&
    facts.receivedMinor === 0
  );
}
