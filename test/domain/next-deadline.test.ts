import { describe, expect, test } from "vitest";

import { nextDeadline, orderPhase } from "../../domain/order/next-deadline.ts";
import type { OrderDates, OrderPhase, OrderStanding } from "../../domain/order/next-deadline.ts";
import { defaultOrderTimings } from "../../domain/order/timings.ts";

const hour = 3_600_000;
const at = (hours: number) => new Date(Date.UTC(2026, 0, 1) + hours * hour);

const noDates: OrderDates = {
  paymentDueAt: null,
  evidenceHardEndAt: null,
  expiryWarnedAt: null,
  reviewSince: null,
  reviewRemindedAt: null,
  reviewEscalatedAt: null,
  reviewCustomerToldAt: null,
  codAcceptDueAt: null,
  codAcceptedAt: null,
  paidAt: null,
  shipRemindedAt: null,
  refundRemindedAt: null,
  balanceRemindedAt: null,
  shippedAt: null,
  deliveryAskedAt: null,
  cancelledAt: null,
};
type Changes = Partial<Omit<OrderStanding, "dates">> & { dates?: Partial<OrderDates> };

function standing({ dates, ...changes }: Changes): OrderStanding {
  return {
    order: "placed",
    payment: "due",
    paymentKind: "transfer",
    fulfilment: "pending",
    heldMinor: 0,
    refundOwedMinor: 0,
    hasUndecidedEvidence: false,
    timings: defaultOrderTimings,
    ...changes,
    dates: { ...noDates, ...dates },
  };
}

const paid = { payment: "paid", heldMinor: 10, dates: { paidAt: at(0) } } as const;
const reviewed = { hasUndecidedEvidence: true, dates: { reviewSince: at(0) } } as const;

test.each<[string, Changes, OrderPhase]>([
  ["that nobody paid", {}, "awaiting_payment"],
  ["with a slip", reviewed, "under_review"],
  ["that is paid", paid, "fulfilling"],
  ["that is paid, with another slip", { ...paid, hasUndecidedEvidence: true }, "fulfilling"],
  ["that is shipped", { ...paid, fulfilment: "shipped" }, "on_the_way"],
  ["by cash that nobody accepted", { paymentKind: "cod", payment: "cod_due" }, "awaiting_acceptance"],
  ["that has ended", { order: "cancelled", payment: "none" }, "closed"],
  ["that has ended, with a slip", { ...reviewed, order: "cancelled", payment: "none" }, "under_review"],
  [
    "that has ended, and owes",
    { order: "cancelled", payment: "refund_due", refundOwedMinor: 5 },
    "refund_due",
  ],
  ["that is delivered, with a surplus", { ...paid, order: "completed", refundOwedMinor: 5 }, "refund_due"],
  [
    "that is delivered, with a slip",
    { ...paid, order: "completed", hasUndecidedEvidence: true },
    "under_review",
  ],
])("an order %s is %s", (_standing, changes, phase) => {
  expect(orderPhase(standing(changes))).toBe(phase);
});

describe("the next deadline", () => {
  test("of a paid order is its shipping, though another slip waits for a decision", () => {
    const told = { reviewRemindedAt: at(4), reviewEscalatedAt: at(24), reviewCustomerToldAt: at(72) };
    const dates = { paidAt: at(1), reviewSince: at(0), ...told };
    const order = standing({ ...paid, hasUndecidedEvidence: true, dates });
    expect(nextDeadline(order)).toEqual({ deadline: "remindToShip", at: at(25) });
  });

  test("is the earlier one of what the order and its slip wait for", () => {
    const order = standing({
      ...paid,
      hasUndecidedEvidence: true,
      dates: { paidAt: at(1), reviewSince: at(10) },
    });
    expect(nextDeadline(order)).toEqual({ deadline: "remindOfReview", at: at(14) });
  });

  test("of a slip of an order that has ended comes every day", () => {
    const ended = { order: "cancelled", payment: "none", hasUndecidedEvidence: true } as const;
    const first = standing({ ...ended, dates: { reviewSince: at(0), cancelledAt: at(-1) } });
    expect(nextDeadline(first)).toEqual({ deadline: "remindOfReview", at: at(4) });
    const later = standing({ ...ended, dates: { reviewSince: at(0), reviewRemindedAt: at(4) } });
    expect(nextDeadline(later)).toEqual({ deadline: "remindOfReview", at: at(28) });
  });

  test("of a surplus is its refund, a day after the payment and every day from then", () => {
    const order = { ...paid, order: "completed", refundOwedMinor: 5 } as const;
    expect(nextDeadline(standing(order))).toEqual({ deadline: "remindOfRefund", at: at(24) });
    const later = standing({ ...order, dates: { paidAt: at(0), refundRemindedAt: at(24) } });
    expect(nextDeadline(later)).toEqual({ deadline: "remindOfRefund", at: at(48) });
  });

  test("asks for no rest of what was given back", () => {
    const dates = { paymentDueAt: at(24), evidenceHardEndAt: at(168) };
    expect(nextDeadline(standing({ payment: "part_paid", heldMinor: 4, dates }))).toMatchObject({
      deadline: "remindOfBalance",
    });
    expect(nextDeadline(standing({ heldMinor: 0, dates }))).toMatchObject({ deadline: "warnBeforeExpiry" });
  });
});
