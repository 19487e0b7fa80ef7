import { continueAsNew, currentUpdateInfo, proxyActivities } from "@temporalio/workflow";

import { activityOptions, refuseImpossibleAmount } from "./decisions.ts";
import { followRow } from "./follow-row.ts";
import { orderChanged } from "./order.contract.ts";
import type {
  DecideOrder,
  DecisionResult,
  OrderActivities,
  OrderInput,
  OrderSnapshot,
  OrderUpdateName,
  OrderUpdates,
} from "./order.contract.ts";

const { loadOrder } = proxyActivities<OrderActivities>({
  startToCloseTimeout: "10s", // one read of Postgres; a stranded attempt must not hold the order
  retry: { initialInterval: "500ms", maximumInterval: "30s" },
});

const updateNames: OrderUpdateName[] = [
  "acceptCashOnDelivery",
  "confirmPayment",
  "refusePayment",
  "matchEvidence",
  "reviveOrder",
  "packOrder",
  "shipOrder",
  "deliverOrder",
  "cancelOrder",
  "refundOrder",
];

/**
 * From the confirmed summary to delivered, cancelled or refunded. The row is the truth: the workflow starts
 * from it in any state, waits for people and deadlines, and asks the row again whenever somebody rings.
 */
export async function order(input: OrderInput): Promise<void> {
  const ref = { shopId: input.shopId, orderId: input.orderId };
  const row = await followRow<OrderSnapshot, OrderUpdates, DecisionResult>({
    noun: "order",
    changed: orderChanged,
    updateNames,
    validator: refuseImpossibleAmount,
    load: () => loadOrder(ref),
    decide: (known, name, request) => {
      const updateId = currentUpdateInfo()?.id ?? "";
      return activities(known).decideOrder({ ...ref, name, request, updateId } as DecideOrder);
    },
  });

  for (;;) {
    const snapshot = row.latest();
    if (snapshot.hasUnjudgedEvidence) {
      row.adopt(await activities(snapshot).reviewEvidence(ref));
      continue;
    }
    switch (snapshot.phase) {
      case "awaiting_payment": // the customer pays, or is warned, or the order expires
      case "under_review": // the owner decides, or is reminded, or it is escalated, or the customer is told
      case "awaiting_acceptance": // the owner accepts cash on delivery, or the order is declined
      case "fulfilling": // the owner packs and ships, or is reminded
      case "on_the_way": // the owner marks it delivered, or is asked
      case "refund_due": // the owner pays back, or is reminded
        await personOrDeadline(snapshot);
        break;
      case "closed":
        if (await row.isOver()) return;
        break;
    }
    if (await row.isTimeToContinue()) await continueAsNew<typeof order>(input);
  }

  async function personOrDeadline(snapshot: OrderSnapshot): Promise<void> {
    const { next } = snapshot;
    if (next) await row.personOrDeadline(next.waitMs, () => activities(snapshot)[next.deadline](ref));
    else await row.person();
  }
}

function activities(snapshot: OrderSnapshot): OrderActivities {
  return proxyActivities<OrderActivities>(activityOptions(snapshot.activity));
}
