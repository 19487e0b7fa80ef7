import type { OrderDates, OrderStanding } from "../domain/order/next-deadline.ts";
import { refundOwedMinor } from "../domain/payment/payment-state.ts";
import { ledgerOf } from "./orders.ts";
import type { OrderRow } from "./orders.ts";
import type { EvidenceRow } from "./payment-evidence.ts";

/** The columns that {@link standingOf} reads. */
export const standingColumns = [
  "order_state",
  "payment_state",
  "payment_kind",
  "fulfilment_state",
  "total_minor",
  "received_minor",
  "refunded_minor",
  "timings",
  "payment_due_at",
  "evidence_hard_end_at",
  "expiry_warned_at",
  "review_since",
  "review_reminded_at",
  "review_escalated_at",
  "review_customer_told_at",
  "cod_accept_due_at",
  "cod_accepted_at",
  "paid_at",
  "ship_reminded_at",
  "refund_reminded_at",
  "balance_reminded_at",
  "shipped_at",
  "delivery_asked_at",
  "cancelled_at",
] as const satisfies (keyof OrderRow)[];

type StandingRow = Pick<OrderRow, (typeof standingColumns)[number]>;

/** The facts of a row that its phase and its next deadline follow from. */
export function standingOf(
  order: StandingRow,
  evidence: readonly Pick<EvidenceRow, "state">[],
): OrderStanding {
  return {
    order: order.order_state,
    payment: order.payment_state,
    paymentKind: order.payment_kind,
    fulfilment: order.fulfilment_state,
    heldMinor: order.received_minor - order.refunded_minor,
    refundOwedMinor: refundOwedMinor({ ...ledgerOf(order), order: order.order_state }),
    hasUndecidedEvidence: evidence.some(({ state }) => state === "undecided"),
    timings: order.timings,
    dates: datesOf(order),
  };
}

export function datesOf(order: StandingRow): OrderDates {
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
