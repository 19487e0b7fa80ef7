import {
  allHandlersFinished,
  condition,
  continueAsNew,
  currentUpdateInfo,
  defineSignal,
  defineUpdate,
  proxyActivities,
  setHandler,
  workflowInfo,
} from "@temporalio/workflow";
import { ApplicationFailure } from "@temporalio/common";

import type { OrderDeadline } from "../domain/order/next-deadline.ts";

import { activityOptions, refuseImpossibleAmount } from "./decisions.ts";
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
  let hasChanged = false;
  let current: OrderSnapshot | undefined;

  setHandler(defineSignal(orderChanged), () => {
    hasChanged = true;
  });
  for (const name of updateNames) {
    setHandler(defineUpdate<DecisionResult, [OrderUpdates[typeof name]]>(name), decide(name), {
      validator: refuseImpossibleAmount,
    });
  }

  adopt(await loadOrder(ref));
  for (;;) {
    const snapshot = latest();
    if (snapshot.hasUnjudgedEvidence) {
      adopt(await activities(snapshot).reviewEvidence(ref));
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
        await condition(allHandlersFinished);
        if (hasChanged) await look();
        else if (latest() === snapshot) return;
        break;
    }
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof order>(input);
    }
  }

  async function personOrDeadline(snapshot: OrderSnapshot): Promise<void> {
    const deadline = snapshot.next;
    const isWoken =
      deadline === null
        ? await condition(somebodyCame(snapshot)).then(() => true)
        : await condition(somebodyCame(snapshot), deadline.waitMs);
    if (hasChanged) return look();
    if (!isWoken && deadline) adopt(await meetDeadline(snapshot, deadline.deadline));
  }

  function somebodyCame(snapshot: OrderSnapshot): () => boolean {
    return () => hasChanged || latest() !== snapshot;
  }

  async function look(): Promise<void> {
    hasChanged = false;
    adopt(await loadOrder(ref));
  }

  function meetDeadline(snapshot: OrderSnapshot, deadline: OrderDeadline): Promise<OrderSnapshot> {
    return activities(snapshot)[deadline](ref);
  }

  function decide(name: OrderUpdateName) {
    return async (request: OrderUpdates[typeof name]): Promise<DecisionResult> => {
      const known = current ?? (await loadOrder(ref));
      const updateId = currentUpdateInfo()?.id ?? "";
      const result = await activities(known).decideOrder({ ...ref, name, request, updateId } as DecideOrder);
      adopt(result.snapshot);
      return result;
    };
  }

  /** A decision and a deadline may cross; the row knows which came last. */
  function adopt(snapshot: OrderSnapshot): void {
    if (current === undefined || snapshot.rowVersion >= current.rowVersion) current = snapshot;
  }

  function latest(): OrderSnapshot {
    if (current) return current;
    throw ApplicationFailure.nonRetryable("the order was not loaded", "order.not_loaded");
  }
}

function activities(snapshot: OrderSnapshot): OrderActivities {
  return proxyActivities<OrderActivities>(activityOptions(snapshot.activity));
}
