import { standingOf } from "../../db/order-standing.ts";
import type { OrderRow } from "../../db/orders.ts";
import type { EvidenceRow } from "../../db/payment-evidence.ts";
import { nextDeadline, orderPhase } from "../../domain/order/next-deadline.ts";
import type { OrderSnapshot } from "../../workflows/order.contract.ts";
import { noGatewayMoney, unbookedOf } from "./gateway-money.ts";
import type { GatewayMoney } from "./gateway-money.ts";

type Evidence = Pick<EvidenceRow, "state" | "verdict">;

/** What the workflow needs to know of the row, with waits instead of dates. */
export function orderSnapshot(
  order: OrderRow,
  { evidence, gateway = noGatewayMoney }: { evidence: readonly Evidence[]; gateway?: GatewayMoney },
  now: Date,
): OrderSnapshot {
  const standing = standingOf(order, evidence);
  const next = nextDeadline(standing);
  return {
    version: 1,
    rowVersion: order.version,
    phase: orderPhase(standing),
    order: order.order_state,
    payment: order.payment_state,
    fulfilment: order.fulfilment_state,
    // Also of an order that ended while the slip was on its way: nobody else would look at it.
    hasUnjudgedEvidence:
      evidence.some(({ state, verdict }) => state === "undecided" && verdict === null) ||
      unbookedOf(gateway) !== undefined,
    next: next && {
      deadline: next.deadline,
      waitMs: Math.max(0, next.at.getTime() - now.getTime()),
    },
    activity: { timeoutMs: order.timings.activityTimeoutMs, retryMs: order.timings.activityRetryMs },
  };
}
