import { datesOf, standingOf } from "../../db/order-standing.ts";
import { ledgerOf } from "../../db/orders.ts";
import { balanceMinor, refundOwedMinor } from "../../domain/payment/payment-state.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { hasWaitingWords } from "../../db/intake-claims.ts";
import { hasUnmatchedEvidence } from "../../db/payment-evidence.ts";
import { findUnfinishedTurn } from "../../db/turns.ts";
import { expiresAt, nextDeadline } from "../../domain/order/next-deadline.ts";
import type { OrderDeadline } from "../../domain/order/next-deadline.ts";
import { mayExpire } from "../../domain/order/can-expire.ts";
import type { OrderRef, OrderSnapshot } from "../../workflows/order.contract.ts";
import { orderPayload } from "../conversation/payloads.ts";
import type { ActivityDeps } from "../deps.ts";
import { textContent } from "../outbox/seal-message.ts";
import { askForRest } from "./ask-for-rest.ts";
import { advanceOrder } from "./change-order.ts";
import { creditBack } from "./customer-credit.ts";
import { endKey, ending } from "./ending-decisions.ts";
import { unbookedOf } from "./gateway-money.ts";
import { already, change } from "./order-change.ts";
import type { OrderChange } from "./order-change.ts";
import { hasUndecided, moneyOf } from "./order-view.ts";
import type { OrderView } from "./order-view.ts";

const bySystem = { kind: "system", id: null } as const;

type Deadline = (deps: ActivityDeps, ref: OrderRef) => Promise<OrderSnapshot>;

/** A deadline that fires early, late or twice does nothing: the row says by the product's clock what is due. */
function deadline(name: OrderDeadline, make: (view: OrderView) => OrderChange): Deadline {
  return (deps, ref) => advanceOrder(deps, ref, (view) => (isDue(view, name) ? change(make(view)) : already));
}

function isDue(view: OrderView, name: OrderDeadline): boolean {
  const next = nextDeadline(standingOf(view.order, view.evidence));
  return next?.deadline === name && next.at <= view.now;
}

export const warnBeforeExpiry = deadline("warnBeforeExpiry", (view) => {
  const { order, now, say, number: orderNumber } = view;
  const warned = { ...datesOf(order), expiryWarnedAt: now };
  const dueMs = expiresAt(warned, order.timings)?.getTime() ?? now.getTime();
  const text = say.expiryWarning({
    orderNumber,
    balance: moneyOf(view, order.total_minor - order.received_minor),
    leftMs: dueMs - now.getTime(),
  });
  return {
    actor: bySystem,
    set: { expiry_warned_at: now },
    events: [{ type: "expiry_warned" }],
    message: { key: `${order.id}:expiry_warning:${dueMs}`, contents: [textContent(text)] },
  };
});

/**
 * Nobody paid in time. What the customer has just written is read first: it may be the slip. While a slip of theirs
 * waits for an order to belong to, the goods stay reserved until the hard end.
 */
export const expireOrder: Deadline = (deps, ref) =>
  advanceOrder(deps, ref, async (view) => {
    if (!isDue(view, "expireOrder") || !isUnpaid(view)) return already;
    if (unbookedOf(view.gateway) !== undefined) return already; // it is paid; the ledger comes next
    const look = (trx: ShopTransaction) => findReasonToWait(trx, view);
    switch (await deps.db.withShop(ref.shopId, look)) {
      case "writing":
        return change(wait(view));
      case "unmatched_slip":
        return change(waitForHardEnd(view));
      case null:
        return change({ ...expiry(view), unless: async (trx) => (await look(trx)) !== null });
    }
  });

function isUnpaid(view: OrderView): boolean {
  return mayExpire({
    order: view.order.order_state,
    payment: view.order.payment_state,
    heldMinor: view.order.received_minor - view.order.refunded_minor,
    hasUndecidedEvidence: hasUndecided(view),
  });
}

/** Minutes, at the default grace: whoever writes without end, or whose turn is stuck, holds the goods no longer. */
const mostGraces = 20;

async function findReasonToWait(
  trx: ShopTransaction,
  { order, now }: OrderView,
): Promise<"writing" | "unmatched_slip" | null> {
  const ref = { shopId: order.shop_id, customerId: order.customer_id };
  if (order.expiry_graces < mostGraces) {
    if (await hasWaitingWords(trx, ref)) return "writing";
    if ((await findUnfinishedTurn(trx, ref)) !== undefined) return "writing";
  }
  const isOver = order.evidence_hard_end_at === null || order.evidence_hard_end_at <= now;
  if (isOver || order.placed_at === null) return null;
  const hasSlip = await hasUnmatchedEvidence(trx, { ...ref, since: order.placed_at });
  return hasSlip ? "unmatched_slip" : null;
}

function wait({ order, now }: OrderView): OrderChange {
  const later = new Date(now.getTime() + order.timings.expiryGraceMs);
  const hardEnd = order.evidence_hard_end_at;
  return {
    actor: bySystem,
    set: {
      payment_due_at: later,
      evidence_hard_end_at: hardEnd !== null && hardEnd > later ? hardEnd : later,
      expiry_graces: order.expiry_graces + 1,
    },
    events: [],
  };
}

function waitForHardEnd({ order }: OrderView): OrderChange {
  return {
    actor: bySystem,
    set: { payment_due_at: order.evidence_hard_end_at, expiry_warned_at: null },
    events: [],
  };
}

function expiry(view: OrderView): OrderChange {
  const { order, say, number: orderNumber } = view;
  return {
    ...ending(view, "expired"),
    actor: bySystem,
    events: [{ type: "expired" }, { type: "cancelled" }],
    message: {
      key: `${endKey(order)}:expired`,
      contents: [textContent(say.expired({ orderNumber })), ...creditBack(view)],
    },
    notices: [{ kind: "order_cancelled", key: `${endKey(order)}:expired` }],
  };
}

export const remindOfReview = deadline("remindOfReview", (view) => ({
  actor: bySystem,
  set: { review_reminded_at: view.now },
  events: [{ type: "review_reminded" }],
  notices: [
    {
      kind: "review_reminder",
      key: `${reviewKey(view)}:reminder:${view.order.review_reminded_at?.getTime() ?? 0}`,
    },
  ],
}));

export const escalateReview = deadline("escalateReview", (view) => ({
  actor: bySystem,
  set: { review_escalated_at: view.now },
  events: [{ type: "review_escalated" }],
  notices: [{ kind: "review_escalation", key: `${reviewKey(view)}:escalation` }],
}));

/** The customer has waited long enough to be told, and may cancel now. */
export const tellCustomerReviewIsLate = deadline("tellCustomerReviewIsLate", (view) => {
  const { order, say, number: orderNumber } = view;
  const cancel = { title: say.titles.cancelOrder, payload: orderPayload("cancel", order.id) };
  return {
    actor: bySystem,
    set: { review_customer_told_at: view.now },
    events: [{ type: "review_customer_told" }],
    message: {
      key: `${reviewKey(view)}:late`,
      contents: [textContent(say.reviewDelayed({ orderNumber }), [cancel])],
    },
  };
});

function reviewKey({ order }: OrderView): string {
  return `${order.id}:review:${order.review_since?.getTime() ?? 0}`;
}

export const declineUnacceptedCod = deadline("declineUnacceptedCod", (view) => {
  const { order, say, number: orderNumber } = view;
  return {
    ...ending(view, "cod_not_accepted"),
    actor: bySystem,
    events: [{ type: "cod_not_accepted" }, { type: "cancelled" }],
    message: {
      key: `${order.id}:cancelled`,
      contents: [textContent(say.cashNotAccepted({ orderNumber })), ...creditBack(view)],
    },
    notices: [{ kind: "order_cancelled", key: `${order.id}:cancelled` }],
  };
});

/** Part of the money is there: the order never expires by itself, so the owner closes it or waits on. */
export const remindOfBalance = deadline("remindOfBalance", (view) => ({
  actor: bySystem,
  set: { balance_reminded_at: view.now },
  events: [],
  alongside: async (trx, now) => {
    await askForRest(trx, view, { receivedMinor: view.order.received_minor, now });
    return true;
  },
  notices: [
    {
      kind: "balance_reminder",
      key: `${view.order.id}:balance:${view.now.getTime()}`,
      amountMinor: balanceMinor(ledgerOf(view.order)),
    },
  ],
}));

export const remindToShip = deadline("remindToShip", (view) => ({
  actor: bySystem,
  set: { ship_reminded_at: view.now },
  events: [],
  notices: [{ kind: "ship_reminder", key: `${view.order.id}:ship:${view.now.getTime()}` }],
}));

export const askIfDelivered = deadline("askIfDelivered", (view) => ({
  actor: bySystem,
  set: { delivery_asked_at: view.now },
  events: [{ type: "delivery_asked" }],
  notices: [{ kind: "delivery_question", key: `${view.order.id}:delivery` }],
}));

export const remindOfRefund = deadline("remindOfRefund", (view) => ({
  actor: bySystem,
  set: { refund_reminded_at: view.now },
  events: [],
  notices: [
    {
      kind: "refund_due",
      key: `${view.order.id}:refund:${view.now.getTime()}`,
      amountMinor: refundOwedMinor({ ...ledgerOf(view.order), order: view.order.order_state }),
    },
  ],
}));
