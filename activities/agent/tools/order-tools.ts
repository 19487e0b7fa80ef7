import { z } from "zod";

import { ledgerOf } from "../../../db/orders.ts";
import type { OrderRow } from "../../../db/orders.ts";
import { texts } from "../../../domain/conversation/texts.ts";
import { newId } from "../../../domain/id.ts";
import type { OrderId } from "../../../domain/id.ts";
import { formatMoney } from "../../../domain/money.ts";
import { customerMayCancel } from "../../../domain/order/can-cancel.ts";
import { summaryHash } from "../../../domain/order/summary-hash.ts";
import { balanceMinor } from "../../../domain/payment/payment-state.ts";
import { missingFields, priceCart } from "../price-cart.ts";
import { defineTool } from "../tool.ts";
import type { ToolScope } from "../tool.ts";

/** Makes the draft order whose summary code renders and sends. */
export const prepareSummaryTool = defineTool({
  name: "prepare_summary",
  description:
    "Shows the order's summary with buttons to confirm or change it. Call it when nothing is missing; add no amounts yourself.",
  parameters: {},
  run: (scope) => prepareSummary(scope),
});

export function prepareSummary({ context, draft, catalogue }: ToolScope): object {
  const { cart } = draft;
  if (!context.turn.takesOrders) return { ready: false, missing: [], problem: "shop_takes_no_orders" };
  const missing = missingFields(context, cart);
  const { lines, zone, price } = priceCart(context, cart, catalogue);
  if (lines.length === 0 || price === null) return { ready: false, missing, problem: "empty_cart" };
  if (lines.some(({ quantity, available }) => quantity > available)) {
    return { ready: false, missing, problem: "stock" };
  }
  const method = context.methods.find(({ id }) => id === cart.paymentMethodId);
  if (missing.length > 0 || !zone || !method) return { ready: false, missing };
  if (method.kind === "cod" && !zone.acceptsCashOnDelivery) {
    cart.paymentMethodId = null;
    cart.isChanged = true;
    return { ready: false, missing: ["paymentMethod"], problem: "no_cash_on_delivery_there" };
  }
  const orderId = newId<OrderId>();
  draft.prepared = {
    orderId,
    lines,
    price,
    zone,
    method,
    hash: summaryHash({
      orderId,
      lines,
      feeMinor: price.feeMinor,
      discountMinor: price.discountMinor,
      creditMinor: price.creditMinor,
      totalMinor: price.totalMinor,
      currency: context.turn.shop.currency,
      addressVersion: cart.contactVersion,
      paymentMethodId: method.id,
    }),
  };
  cart.draftOrderId = orderId;
  cart.zoneId = zone.id;
  cart.isChanged = true;
  return { ready: true };
}

export const getOrdersTool = defineTool({
  name: "get_orders",
  description: "This customer's orders with their state and what is still to be paid.",
  parameters: {},
  run: ({ context }) => ({ orders: context.orders.map((order) => orderForModel(context, order)) }),
});

export function orderForModel({ language }: ToolScope["context"], order: OrderRow) {
  const { currency } = order;
  const balance = { amountMinor: balanceOf(order), currency };
  return {
    orderNumber: order.number ?? "",
    placedAt: order.placed_at?.toISOString().slice(0, 10) ?? "",
    state: texts(language).orderStatus({
      order: order.order_state,
      payment: order.payment_state,
      fulfilment: order.fulfilment_state,
      balance,
    }),
    totalText: formatMoney({ amountMinor: order.total_minor, currency }),
    balanceText: formatMoney(balance),
    canCancel: mayCancel(order),
  };
}

function balanceOf(order: OrderRow): number {
  if (order.order_state === "cancelled") return 0;
  return balanceMinor(ledgerOf(order));
}

function mayCancel(order: OrderRow): boolean {
  return customerMayCancel({
    order: order.order_state,
    payment: order.payment_state,
    fulfilment: order.fulfilment_state,
    reviewOverdue: order.review_customer_told_at !== null,
  });
}

export const requestCancelTool = defineTool({
  name: "request_cancel",
  description:
    "Asks the customer with buttons whether to cancel an order. orderNumber null: the newest one. It cancels nothing itself.",
  parameters: { orderNumber: z.string().max(40).nullable() },
  run: ({ context, draft }, { orderNumber }) => {
    const open = context.orders.filter(({ order_state: state }) => state === "placed");
    const order =
      orderNumber === null ? open[0] : open.find(({ number }) => number === orderNumber.replace(/^#/u, ""));
    if (!order) return { error: "no_such_order" };
    if (!mayCancel(order)) return { error: "cannot_cancel" };
    draft.cancelQuestion = order;
    return { asked: true };
  },
});
