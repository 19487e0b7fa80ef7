import type { OrderSet } from "./order-change.ts";
import type { OrderView } from "./order-view.ts";

/** The clock stands while the slip is checked; should it be refused, the time of a warning is left for another. */
export function revival({ order, now }: OrderView): OrderSet {
  const { expiryWarningMs, evidenceHardEndMs } = order.timings;
  return {
    order_state: "placed",
    revivals: order.revivals + 1,
    cancelled_at: null,
    cancel_reason: null,
    payment_due_at: new Date(now.getTime() + expiryWarningMs),
    evidence_hard_end_at: new Date(now.getTime() + evidenceHardEndMs),
    expiry_warned_at: null,
    expiry_graces: 0,
    clock_stopped_at: now,
    clock_stops: 1,
  };
}
