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
  paymentKind: "transfer" | "cod";
  fulfilment: DeliveryState;
  receivedMinor: number;
  hasUndecidedEvidence: boolean;
  dates: OrderDates;
  timings: OrderTimings;
};

export function orderPhase(standing: OrderStanding): OrderPhase {
  if (standing.payment === "refund_due") return "refund_due";
  if (standing.order !== "placed") return "closed";
  if (standing.hasUndecidedEvidence) return "under_review";
  if (standing.fulfilment === "shipped") return "on_the_way";
  if (standing.paymentKind === "cod") {
    return standing.dates.codAcceptedAt === null ? "awaiting_acceptance" : "fulfilling";
  }
  return standing.payment === "paid" ? "fulfilling" : "awaiting_payment";
}

/** The one deadline that comes next in the phase, and when; null where only a person can go on. */
export function nextDeadline(standing: OrderStanding): { deadline: OrderDeadline; at: Date } | null {
  const { dates, timings } = standing;
  switch (orderPhase(standing)) {
    case "awaiting_payment":
      return expiry(standing);
    case "under_review":
      return review(dates, timings);
    case "awaiting_acceptance":
      return due("declineUnacceptedCod", dates.codAcceptDueAt, 0);
    case "fulfilling": {
      const since = dates.shipRemindedAt ?? dates.codAcceptedAt ?? dates.paidAt;
      return due("remindToShip", since, timings.shipReminderMs);
    }
    case "on_the_way":
      if (dates.deliveryAskedAt !== null) return null;
      return due("askIfDelivered", dates.shippedAt, timings.deliveryQuestionMs);
    case "refund_due":
      return due("remindOfRefund", dates.refundRemindedAt ?? dates.cancelledAt, timings.shipReminderMs);
    case "closed":
      return null;
  }
}

/** Money that arrived, or evidence under review, never expires by itself: a person closes the order. */
function expiry({ dates, timings, receivedMinor }: OrderStanding) {
  if (receivedMinor > 0) {
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

function review(dates: OrderDates, timings: OrderTimings) {
  if (dates.reviewRemindedAt === null)
    return due("remindOfReview", dates.reviewSince, timings.reviewReminderMs);
  if (dates.reviewEscalatedAt === null) {
    return due("escalateReview", dates.reviewSince, timings.reviewEscalationMs);
  }
  if (dates.reviewCustomerToldAt !== null) return null;
  return due("tellCustomerReviewIsLate", dates.reviewSince, timings.reviewCustomerNoticeMs);
}

function due(deadline: OrderDeadline, since: Date | null, afterMs: number) {
  return since === null ? null : { deadline, at: new Date(since.getTime() + afterMs) };
}
