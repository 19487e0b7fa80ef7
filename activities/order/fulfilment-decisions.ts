import { ownerMayFulfil } from "../../domain/order/can-fulfil.ts";
import type { DeliveryState } from "../../domain/order/states.ts";
import type { Plain } from "../../workflows/order.contract.ts";
import { textContent } from "../outbox/seal-message.ts";
import { already, byOwner, change, refused } from "./order-change.ts";
import type { OrderChange, Plan } from "./order-change.ts";
import { moneyOf, totalsOf } from "./order-view.ts";
import type { OrderView } from "./order-view.ts";

const steps: DeliveryState[] = ["pending", "packed", "shipped", "delivered"];

export function planAcceptCash(view: OrderView, { by }: Plain): Plan {
  const { order, say, number: orderNumber } = view;
  if (order.payment_kind !== "cod") return refused("order.not_cash_on_delivery");
  if (order.cod_accepted_at !== null) return already;
  if (order.order_state !== "placed") return refused(`order.${order.order_state}`);
  return change({
    actor: byOwner(by),
    set: { cod_accepted_at: view.now },
    stock: "sell",
    events: [{ type: "cod_accepted" }],
    message: {
      key: `${order.id}:cod_accepted`,
      contents: [textContent(say.cashAccepted({ orderNumber, total: moneyOf(view, order.total_minor) }))],
    },
  });
}

export function planPack(view: OrderView, { by }: Plain): Plan {
  return (
    cannotMove(view, "packed") ??
    change({
      actor: byOwner(by),
      set: { fulfilment_state: "packed", packed_at: view.now },
      events: [{ type: "packed" }],
      message: {
        key: `${view.order.id}:packed`,
        contents: [textContent(view.say.packed({ orderNumber: view.number }))],
      },
    })
  );
}

export function planShip(view: OrderView, { by }: Plain, tracking: string | null): Plan {
  return (
    cannotMove(view, "shipped") ??
    change({
      actor: byOwner(by),
      set: { fulfilment_state: "shipped", shipped_at: view.now },
      ...(tracking === null ? {} : { tracking }),
      events: [{ type: "shipped" }],
      message: {
        key: `${view.order.id}:shipped`,
        contents: [textContent(view.say.shipped({ orderNumber: view.number, tracking }))],
      },
    })
  );
}

/** Delivered makes cash on delivery paid, by the owner's word only: time alone never does. */
export function planDeliver(view: OrderView, { by }: Plain): Plan {
  const impossible = cannotMove(view, "delivered");
  if (impossible) return impossible;
  const { order, say, number: orderNumber } = view;
  const cash = order.payment_kind === "cod" ? order.total_minor - order.received_minor : 0;
  return change({
    actor: byOwner(by),
    set: {
      fulfilment_state: "delivered",
      delivered_at: view.now,
      order_state: "completed",
      completed_at: view.now,
      ...(cash > 0 ? { paid_at: view.now } : {}),
    },
    ...(cash > 0 ? { entry: cashEntry(view, cash) } : {}),
    events: [
      { type: "delivered" },
      ...(cash > 0 ? [{ type: "paid" as const, data: { amountMinor: cash } }] : []),
      { type: "completed" },
    ],
    message: {
      key: `${order.id}:delivered`,
      contents: [
        textContent(say.delivered({ orderNumber })),
        ...(cash > 0 ? [textContent(receiptOf(view))] : []),
      ],
    },
  });
}

function cashEntry(view: OrderView, amountMinor: number): NonNullable<OrderChange["entry"]> {
  return {
    kind: "cash",
    amountMinor,
    evidenceId: null,
    reference: null,
    effectKey: `delivered:${view.order.id}`,
  };
}

function receiptOf(view: OrderView): string {
  return view.say.receipt({
    orderNumber: view.number,
    ...totalsOf(view),
    shopName: view.shop.name,
    paid: moneyOf(view, view.order.total_minor),
    paymentMethodName: view.method.name,
    isToCome: false,
  });
}

/** Undefined: the step is allowed. What was done already is answered as done. */
function cannotMove({ order }: OrderView, to: DeliveryState): Plan | undefined {
  const hasArrived = steps.indexOf(order.fulfilment_state) >= steps.indexOf(to);
  if (hasArrived && order.order_state !== "cancelled") return already;
  const isAllowed = ownerMayFulfil({
    order: order.order_state,
    payment: order.payment_state,
    isCodAccepted: order.cod_accepted_at !== null,
    from: order.fulfilment_state,
    to,
  });
  if (isAllowed) return undefined;
  if (order.order_state !== "placed") return refused(`order.${order.order_state}`);
  const isCovered = order.payment_state === "paid" || order.cod_accepted_at !== null;
  return refused(isCovered ? "order.step_not_next" : "order.not_paid");
}
