import type { OrderRow } from "../../db/orders.ts";
import type { EvidenceRow } from "../../db/payment-evidence.ts";
import { nextDeadline, orderPhase } from "../../domain/order/next-deadline.ts";
import type { OrderDates, OrderStanding } from "../../domain/order/next-deadline.ts";
import type { OrderSnapshot } from "../../workflows/order.contract.ts";

type Evidence = Pick<EvidenceRow, "state" | "verdict">;

/** What the workflow needs to know of the row, with waits instead of dates. */
export function orderSnapshot(order: OrderRow, evidence: readonly Evidence[], now: Date): OrderSnapshot {
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
    hasUnjudgedEvidence: evidence.some(({ state, verdict }) => state === "undecided" && verdict === null),
    next: next && {
      deadline: next.deadline,
      waitMs: Math.max(0, next.at.getTime() - now.getTime()),
    },
    activity: { timeoutMs: order.timings.activityTimeoutMs, retryMs: order.timings.activityRetryMs },
  };
}

export function standingOf(order: OrderRow, evidence: readonly Evidence[]): OrderStanding {
  return {
    order: order.order_state,
    payment: order.payment_state,
    paymentKind: order.payment_kind,
    fulfilment: order.fulfilment_state,
    receivedMinor: order.received_minor,
    hasUndecidedEvidence: evidence.some(({ state }) => state === "undecided"),
    timings: order.timings,
    dates: datesOf(order),
  };
}

export function datesOf(order: OrderRow): OrderDates {
  return {
    paymentDueAt: order.payment_due_at,
    evidenceHardEndAt: order.evidence_hard_end_at,
    expiryWarnedAt: order.expiry_warned_at,
    reviewSince: order.review_since,
    reviewRemindedAt: order.review_reminded_at,
    reviewEscalatedAt: order.review_escalated_at,
    reviewCustomerToldAt: order.review_customer_told_at,
    codAcceptDueAt: order.cod_accept_due_at,
    codAcceptedAt: order.cod_accepted_at,
    paidAt: order.paid_at,
    shipRemindedAt: order.ship_reminded_at,
    refundRemindedAt: order.refund_reminded_at,
    balanceRemindedAt: order.balance_reminded_at,
    shippedAt: order.shipped_at,
    deliveryAskedAt: order.delivery_asked_at,
    cancelledAt: order.cancelled_at,
  };
}
