import { postCustomerCredit } from "../../db/customer-credits.ts";
import { ledgerOf } from "../../db/orders.ts";
import type { OrderRow } from "../../db/orders.ts";
import { customerMayCancel, ownerMayCancel } from "../../domain/order/can-cancel.ts";
import { ownerMayRefund } from "../../domain/order/can-refund.ts";
import { overpaidMinor, refundOwedMinor } from "../../domain/payment/payment-state.ts";
import type { CancelOrder, RefundOrder } from "../../workflows/order.contract.ts";
import { textContent } from "../outbox/seal-message.ts";
import { creditBack } from "./customer-credit.ts";
import { underWayMinor } from "./gateway-money.ts";
import { already, byOwner, change, refused } from "./order-change.ts";
import type { OrderChange, Plan } from "./order-change.ts";
import { hasUndecided, moneyOf } from "./order-view.ts";
import type { OrderView } from "./order-view.ts";

/** By either side. What was reserved is released, what was sold comes back to stock, what was paid is owed. */
export function planCancel(
  view: OrderView,
  { request, updateId }: { request: CancelOrder; updateId: string },
  reason: string | null,
): Plan {
  const { order, say, number: orderNumber } = view;
  if (order.order_state === "cancelled") return already;
  const states = {
    order: order.order_state,
    payment: order.payment_state,
    fulfilment: order.fulfilment_state,
  };
  const isAllowed =
    request.actor === "owner"
      ? ownerMayCancel(states)
      : customerMayCancel({ ...states, reviewOverdue: order.review_customer_told_at !== null });
  if (!isAllowed) return refused("order.cannot_cancel");

  const owedMinor = order.received_minor - order.refunded_minor;
  const refund = owedMinor > 0 ? moneyOf(view, owedMinor) : null;
  const text =
    request.actor === "owner"
      ? say.cancelledByShop({ orderNumber, reason, refund })
      : say.cancelledByCustomer({ orderNumber, refund });
  return change({
    ...ending(view, request.actor === "owner" ? "by_owner" : "by_customer"),
    actor: { ...byOwner(request.by), kind: request.actor },
    events: [
      { type: "cancelled", note: reason, data: { by: updateId } },
      ...(refund ? [{ type: "refund_due" as const, data: { amountMinor: owedMinor } }] : []),
    ],
    message: { key: `${endKey(order)}:cancelled`, contents: [textContent(text), ...creditBack(view)] },
    notices: [
      ...(request.actor === "customer"
        ? [{ kind: "order_cancelled" as const, key: `${endKey(order)}:cancelled` }]
        : []),
      ...(refund
        ? [{ kind: "refund_due" as const, key: `${endKey(order)}:refund_due`, amountMinor: owedMinor }]
        : []),
      // Money may stand behind the slip: confirmed, it is owed to the customer.
      ...(hasUndecided(view)
        ? [{ kind: "evidence_to_review" as const, key: `${endKey(order)}:cancelled:review` }]
        : []),
    ],
  });
}

/** An order that was revived may end once more, and that is told once more. */
export function endKey({ id, revivals }: Pick<OrderRow, "id" | "revivals">): string {
  return revivals === 0 ? id : `${id}:revived:${revivals}`;
}

/** What every end without delivery has in common. */
export function ending(
  { order, now }: OrderView,
  reason: "by_owner" | "by_customer" | "expired" | "cod_not_accepted",
): Pick<OrderChange, "set" | "stock"> {
  const isSold = order.paid_at !== null || order.cod_accepted_at !== null;
  return {
    set: { order_state: "cancelled", cancelled_at: now, cancel_reason: reason },
    stock: isSold ? "restock" : "release",
  };
}

/** The owner records what was given back; by default all that is owed. All of it, before anything was sent, ends the order. */
export function planRefund(view: OrderView, request: RefundOrder): Plan {
  const { order } = view;
  const ledger = { ...ledgerOf(order), order: order.order_state };
  const amountMinor = request.amountMinor ?? refundOwedMinor(ledger);
  if (amountMinor === 0) return order.refunded_minor > 0 ? already : refused("order.nothing_to_refund");
  if (!ownerMayRefund({ ...ledger, amountMinor })) return refused("order.refund_too_large");
  const effectKey = `refund:${request.effectKey}`;
  return change({ actor: byOwner(request.by), ...recordRefund(view, { amountMinor, effectKey }) });
}

/**
 * The owner keeps a surplus as the customer's credit: it leaves the order as money that is given back does, and is taken
 * off the customer's next order. What a provider is giving back is not there any more.
 */
export function planKeepAsCredit(view: OrderView, request: RefundOrder): Plan {
  const { order, say, number: orderNumber } = view;
  const ledger = ledgerOf(order);
  const refundedMinor = ledger.refundedMinor + underWayMinor(view.gateway);
  const surplusMinor = order.order_state === "cancelled" ? 0 : overpaidMinor({ ...ledger, refundedMinor });
  const amountMinor = request.amountMinor ?? surplusMinor;
  if (amountMinor === 0) return refused("order.no_surplus");
  if (amountMinor > surplusMinor) return refused("order.refund_too_large");
  const effectKey = `credit:${request.effectKey}`;
  return change({
    actor: byOwner(request.by),
    set: {},
    entry: { kind: "credit", amountMinor, evidenceId: null, reference: null, effectKey },
    events: [{ type: "credited", data: { amountMinor } }],
    message: {
      key: effectKey,
      contents: [textContent(say.keptAsCredit({ orderNumber, amount: moneyOf(view, amountMinor) }))],
    },
    alongside: async (trx, now) => {
      const { shop_id: shopId, customer_id: customerId, id: orderId, currency } = order;
      const line = { shopId, customerId, orderId, kind: "kept", amountMinor, currency, effectKey } as const;
      return (await postCustomerCredit(trx, { ...line, recordedBy: request.by.accountId, now })) === "posted";
    },
  });
}

/** The money went back: the ledger, what becomes of the order by it, and the customer is told. */
export function recordRefund(
  view: OrderView,
  { amountMinor, effectKey }: { amountMinor: number; effectKey: string },
): Omit<OrderChange, "actor"> {
  const { order, say, number: orderNumber } = view;
  const refunded = say.refunded({ orderNumber, amount: moneyOf(view, amountMinor) });
  // What was paid in full and is given back in full before it left is not to be sent any more.
  const isEnd =
    order.order_state === "placed" &&
    (order.fulfilment_state === "pending" || order.fulfilment_state === "packed") &&
    order.paid_at !== null &&
    order.received_minor - order.refunded_minor === amountMinor;
  return {
    ...(isEnd ? ending(view, "by_owner") : { set: {} }),
    entry: { kind: "refund", amountMinor, evidenceId: null, reference: null, effectKey },
    events: [{ type: "refunded", data: { amountMinor } }, ...(isEnd ? [{ type: "cancelled" as const }] : [])],
    message: {
      key: effectKey,
      contents: [
        textContent(refunded),
        ...(isEnd
          ? [
              textContent(say.cancelledByShop({ orderNumber, reason: null, refund: null })),
              ...creditBack(view),
            ]
          : []),
      ],
    },
  };
}
