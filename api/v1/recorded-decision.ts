import type { OrderDetail } from "../../db/order-queries.ts";
import { standingOf } from "../../db/order-standing.ts";
import { orderPhase } from "../../domain/order/next-deadline.ts";
import type { DecisionResult, OrderUpdateName, OrderUpdates } from "../../workflows/order.contract.ts";

export type AskedDecision = {
  [Name in OrderUpdateName]: { name: Name; request: OrderUpdates[Name] };
}[OrderUpdateName];

/**
 * What the row says of a decision whose workflow has ended meanwhile: recorded, or undefined when it is not (yet).
 * The waits of its snapshot are left out: nobody waits by this answer.
 */
export function recordedDecision(detail: OrderDetail, asked: AskedDecision): DecisionResult | undefined {
  if (!isRecorded(detail, asked)) return undefined;
  const { order, evidence } = detail;
  const undecided = evidence.filter(({ state }) => state === "undecided");
  return {
    outcome: "already",
    reason: null,
    snapshot: {
      version: 1,
      rowVersion: order.version,
      phase: orderPhase(standingOf(order, evidence)),
      order: order.order_state,
      payment: order.payment_state,
      fulfilment: order.fulfilment_state,
      hasUnjudgedEvidence: undecided.some(({ verdict }) => verdict === null),
      next: null,
      activity: { timeoutMs: order.timings.activityTimeoutMs, retryMs: order.timings.activityRetryMs },
    },
  };
}

function isRecorded({ order, evidence, entries, events }: OrderDetail, asked: AskedDecision): boolean {
  const slipIs = (id: string, state: string) => evidence.some((row) => row.id === id && row.state === state);
  const isBooked = (effectKey: string) => entries.some((entry) => entry.effect_key === effectKey);
  switch (asked.name) {
    case "acceptCashOnDelivery":
      return order.cod_accepted_at !== null;
    case "confirmPayment": {
      const { evidenceId, effectKey } = asked.request;
      return evidenceId === null ? isBooked(`confirmed:${effectKey}`) : slipIs(evidenceId, "accepted");
    }
    case "refusePayment":
      return asked.request.evidenceId !== null && slipIs(asked.request.evidenceId, "refused");
    case "matchEvidence":
      return evidence.some(({ id }) => id === asked.request.evidenceId);
    case "reviveOrder":
      return order.order_state !== "cancelled" && evidence.some(({ id }) => id === asked.request.evidenceId);
    case "packOrder":
      return order.packed_at !== null;
    case "shipOrder":
      return order.shipped_at !== null;
    case "deliverOrder":
      return order.delivered_at !== null;
    case "cancelOrder":
      return order.order_state === "cancelled";
    case "refundOrder":
      // At a provider it is asked for first, and booked when it is done.
      return (
        isBooked(`refund:${asked.request.effectKey}`) ||
        events.some(({ decision_key: key }) => key === asked.request.effectKey)
      );
  }
}
