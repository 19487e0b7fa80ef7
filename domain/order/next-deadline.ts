import type { PaymentKind } from "../payment/payment-kind.ts";
import type { DeliveryState, OrderState, PaymentState } from "./states.ts";
import type { OrderTimings } from "./timings.ts";

/** What an order waits for; one word decides its workflow's next step. */
export type OrderPhase =
  | "awaiting_payment"
  | "under_review"
  | "awaiting_acceptance" // cash on delivery that the owner has not accepted
  | "fulfilling" // paid or accepted: to be packed and shipped
  | "on_the_way"
  | "refund_due"
  | "closed";

export type OrderDeadline =
  | "warnBeforeExpiry"
  | "expireOrder"
  | "remindOfReview"
  | "escalateReview"
  | "tellCustomerReviewIsLate"
  | "declineUnacceptedCod"
  | "remindOfBalance"
  | "remindToShip"
  | "askIfDelivered"
  | "remindOfRefund";

/** The dates that an order's row carries. */
export type OrderDates = {
  paymentDueAt: Date | null;
  evidenceHardEndAt: Date | null;
  expiryWarnedAt: Date | null;
  reviewSince: Date | null;
  reviewRemindedAt: Date | null;
  reviewEscalatedAt: Date | null;
  reviewCustomerToldAt: Date | null;
  codAcceptDueAt: Date | null;
  codAcceptedAt: Date | null;
  paidAt: Date | null;
  shipRemindedAt: Date | null;
  refundRemindedAt: Date | null;
  balanceRemindedAt: Date | null;
  shippedAt: Date | null;
  deliveryAskedAt: Date | null;
  cancelledAt: Date | null;
};

export type OrderStanding = {
  order: OrderState;
  payment: PaymentState;
  paymentKind: PaymentKind;
  fulfilment: DeliveryState;
  /** What the shop has of the customer's money: received and not given back. */
  heldMinor: number;
  refundOwedMinor: number;
  hasUndecidedEvidence: boolean;
  dates: OrderDates;
  timings: OrderTimings;
};

/** A slip that nobody decided about comes first, also of an order that has ended: money may stand behind it. */
export function orderPhase(standing: OrderStanding): OrderPhase {
  if (standing.hasUndecidedEvidence && standing.payment !== "paid") return "under_review";
  if (standing.order !== "placed") {
    if (standing.refundOwedMinor > 0) return "refund_due";
    return standing.hasUndecidedEvidence ? "under_review" : "closed";
  }
  if (standing.fulfilment === "shipped") return "on_the_way";
  if (standing.paymentKind === "cod") {
    return standing.dates.codAcceptedAt === null ? "awaiting_acceptance" : "fulfilling";
  }
  return standing.payment === "paid" ? "fulfilling" : "awaiting_payment";
}

type Due = { deadline: OrderDeadline; at: Date };

/**
 * The deadline that comes next, and when; null where only a person can go on. What the phase waits for, a slip that
 * waits for a decision, and money that is owed to the customer have one each, whatever else is going on.
 */
export function nextDeadline(standing: OrderStanding): Due | null {
  const dues = [
    ofPhase(standing),
    standing.hasUndecidedEvidence ? review(standing) : null,
    standing.refundOwedMinor > 0 ? refund(standing) : null,
  ];
  return dues.reduce((first, next) =>
    first === null || (next !== null && next.at < first.at) ? next : first,
  );
}

function ofPhase(standing: OrderStanding): Due | null {
  const { dates, timings } = standing;
  switch (orderPhase(standing)) {
    case "awaiting_payment":
      return expiry(standing);
    case "awaiting_acceptance":
      return due("declineUnacceptedCod", dates.codAcceptDueAt, 0);
    case "fulfilling": {
      const since = dates.shipRemindedAt ?? dates.codAcceptedAt ?? dates.paidAt;
      return due("remindToShip", since, timings.shipReminderMs);
    }
    case "on_the_way":
      if (dates.deliveryAskedAt !== null) return null;
      return due("askIfDelivered", dates.shippedAt, timings.deliveryQuestionMs);
    case "under_review":
    case "refund_due":
    case "closed":
      return null;
  }
}

/** Of a cancelled order, or the surplus of any other. */
function refund({ dates, timings }: OrderStanding): Due | null {
  const since = dates.refundRemindedAt ?? dates.cancelledAt ?? dates.paidAt;
  return due("remindOfRefund", since, timings.shipReminderMs);
}

/** Money that arrived, or evidence under review, never expires by itself: a person closes the order. */
function expiry({ dates, timings, heldMinor }: OrderStanding): Due | null {
  if (heldMinor > 0) {
    return due("remindOfBalance", dates.balanceRemindedAt ?? dates.paymentDueAt, timings.shipReminderMs);
  }
  const at = expiresAt(dates, timings);
  if (at === null) return null;
  return dates.expiryWarnedAt === null
    ? due("warnBeforeExpiry", at, -timings.expiryWarningMs)
    : due("expireOrder", at, 0);
}

/**
 * The end of waiting for payment: its clock or the hard end, whichever is first. A warning that came late, after a
 * long review or an outage, still leaves the customer its time.
 */
export function expiresAt(
  dates: Pick<OrderDates, "paymentDueAt" | "evidenceHardEndAt" | "expiryWarnedAt">,
  { expiryWarningMs }: Pick<OrderTimings, "expiryWarningMs">,
): Date | null {
  const { paymentDueAt, expiryWarnedAt } = dates;
  if (paymentDueAt === null) return null;
  const hardEnd = dates.evidenceHardEndAt ?? paymentDueAt;
  const at = paymentDueAt < hardEnd ? paymentDueAt : hardEnd;
  if (expiryWarnedAt === null) return at;
  return new Date(Math.max(at.getTime(), expiryWarnedAt.getTime() + expiryWarningMs));
}

/** The customer of an order that has ended waits for nothing, so that the owner is reminded of its slip every day. */
function review({ order, dates, timings }: OrderStanding): Due | null {
  if (dates.reviewRemindedAt === null) {
    return due("remindOfReview", dates.reviewSince, timings.reviewReminderMs);
  }
  if (order !== "placed") return due("remindOfReview", dates.reviewRemindedAt, timings.shipReminderMs);
  if (dates.reviewEscalatedAt === null) {
    return due("escalateReview", dates.reviewSince, timings.reviewEscalationMs);
  }
  if (dates.reviewCustomerToldAt !== null) return null;
  return due("tellCustomerReviewIsLate", dates.reviewSince, timings.reviewCustomerNoticeMs);
}

function due(deadline: OrderDeadline, since: Date | null, afterMs: number): Due | null {
  return since === null ? null : { deadline, at: new Date(since.getTime() + afterMs) };
}
