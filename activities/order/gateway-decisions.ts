import { lockGatewayPayments, markPaymentBooked, moveGatewayPayment } from "../../db/gateway-payments.ts";
import type { GatewayPaymentRow } from "../../db/gateway-payments.ts";
import { insertGatewayRefund, markRefundBooked } from "../../db/gateway-refunds.ts";
import { ledgerOf } from "../../db/orders.ts";
import { notifySender } from "../../db/outbox.ts";
import { mayRevive } from "../../domain/order/can-revive.ts";
import { ownerMayRefund } from "../../domain/order/can-refund.ts";
import { splitRefund } from "../../domain/payment/gateway-payment.ts";
import { refundOwedMinor } from "../../domain/payment/payment-state.ts";
import type { RefundOrder } from "../../workflows/order.contract.ts";
import { settlePayment } from "../gateway/settle-payment.ts";
import { textContent } from "../outbox/seal-message.ts";
import { askForRest } from "./ask-for-rest.ts";
import { recordRefund } from "./ending-decisions.ts";
import { underWayMinor } from "./gateway-money.ts";
import { already, byOwner, change, refused } from "./order-change.ts";
import type { Plan } from "./order-change.ts";
import type { OrderView } from "./order-view.ts";
import { recordPayment } from "./payment-decisions.ts";
import { revival } from "./revival.ts";

const bySystem = { kind: "system", id: null } as const;

/** Money that the provider has confirmed goes into the ledger as if the owner had confirmed it. */
export function planBookPayment(
  view: OrderView,
  paymentId: string,
  { hasReference }: { hasReference: boolean },
): Plan {
  const payment = view.gateway.payments.find(({ id }) => id === paymentId);
  if (payment?.state !== "paid" || payment.booked_at !== null) return already;
  const { shop_id: shopId, id } = payment;
  return change({
    ...recordPayment(view, {
      amountMinor: payment.paid_minor,
      effectKey: `gateway:${id}`,
      reference: null,
      referenceIndex: hasReference ? payment.provider_index : null,
      slip: undefined,
    }),
    actor: bySystem,
    alongside: async (trx, now) => {
      const isBooked = await markPaymentBooked(trx, { shopId, paymentId: id, now });
      const receivedMinor = view.order.received_minor + payment.paid_minor;
      if (isBooked) await askForRest(trx, view, { receivedMinor, now });
      return isBooked;
    },
  });
}

/** An order that expired before its money came is open again, if the stock is there and the money is all of it. */
export function planReviveForPayment(view: OrderView, payment: GatewayPaymentRow): Plan {
  const { order, say, number: orderNumber } = view;
  const ended = {
    order: order.order_state,
    cancelReason: order.cancel_reason,
    receivedMinor: order.received_minor,
  };
  if (!mayRevive(ended) || payment.paid_minor < order.total_minor) return already;
  return change({
    actor: bySystem,
    set: { ...revival(view), clock_stopped_at: null, clock_stops: 0 },
    stock: "reserve",
    events: [{ type: "revived" }],
    message: {
      key: `${order.id}:revived:${order.revivals + 1}`,
      contents: [textContent(say.revivedByPayment({ orderNumber }))],
    },
  });
}

/** What the provider has given back goes into the ledger. */
export function planBookRefund(view: OrderView, refundId: string): Plan {
  const refund = view.gateway.refunds.find(({ id }) => id === refundId);
  if (refund?.state !== "done" || refund.booked_at !== null) return already;
  const effectKey = `refund:gateway:${refund.id}`;
  return change({
    ...recordRefund(view, { amountMinor: refund.amount_minor, effectKey }),
    actor: bySystem,
    alongside: async (trx, now) => {
      const { shop_id: shopId, id: refundId } = refund;
      const locked = await lockGatewayPayments(trx, { shopId, purpose: "order", ownerId: view.order.id });
      if (!(await markRefundBooked(trx, { shopId, refundId, now }))) return false;
      const payment = locked.find(({ id }) => id === refund.payment_id);
      if (payment) await settlePayment(trx, payment, now);
      return true;
    },
  });
}

/**
 * The owner gives money back through the provider that took it: recorded here, carried out by the worker's loop under a
 * number of its own, and told when the provider has done it.
 */
export function planGatewayRefund(view: OrderView, request: RefundOrder): Plan {
  const { order, gateway } = view;
  const ledger = { ...ledgerOf(order), order: order.order_state };
  const goingMinor = underWayMinor(gateway);
  const amountMinor = request.amountMinor ?? Math.max(0, refundOwedMinor(ledger) - goingMinor);
  if (amountMinor === 0) {
    return order.refunded_minor + goingMinor > 0 ? already : refused("order.nothing_to_refund");
  }
  const given = { ...ledger, refundedMinor: ledger.refundedMinor + goingMinor, amountMinor };
  if (!ownerMayRefund(given)) return refused("order.refund_too_large");
  const parts = splitRefund(
    gateway.payments.map((payment) => refundable(view, payment)),
    amountMinor,
  );
  if (parts === undefined) return refused("order.refund_too_large");
  return change({
    actor: byOwner(request.by),
    set: {},
    events: [{ type: "refund_requested", data: { amountMinor } }],
    alongside: async (trx, now) => {
      const { shop_id: shopId, id: ownerId } = order;
      const locked = await lockGatewayPayments(trx, { shopId, purpose: "order", ownerId });
      if (states(locked) !== states(gateway.payments)) return false;
      for (const [index, { payment, amountMinor: partMinor }] of parts.entries()) {
        const { id: paymentId, state: from } = payment.row;
        const set = { state: "refunding", error_code: null } as const;
        await moveGatewayPayment(trx, { shopId, paymentId, from, set, now });
        await insertGatewayRefund(trx, {
          shopId,
          paymentId,
          amountMinor: partMinor,
          effectKey: `${order.id}:${request.effectKey}:${index}`,
          requestedBy: request.by.accountId,
          now,
        });
      }
      await notifySender(trx, { shopId, customerId: order.customer_id });
      return true;
    },
  });
}

/** The provider's news may come between the look and the lock. */
function states(payments: readonly GatewayPaymentRow[]): string {
  return payments.map(({ id, state }) => `${id}:${state}`).join();
}

function refundable({ gateway }: OrderView, row: GatewayPaymentRow) {
  const isBooked = row.booked_at !== null;
  const refundedMinor = gateway.refunds
    .filter(({ payment_id, state }) => payment_id === row.id && state !== "failed")
    .reduce((sum, { amount_minor }) => sum + amount_minor, 0);
  return { id: row.id, row, paidMinor: isBooked ? row.paid_minor : 0, refundedMinor };
}
