import type { MessageId, PlanPaymentId, ShopId } from "../domain/id.ts";
import type { SubscriptionDeadline } from "../domain/subscription/next-subscription-deadline.ts";
import type { PlanRef } from "../domain/subscription/plan.ts";
import type { ReversalKind } from "../domain/subscription/reversal.ts";
import type { SubscriptionState } from "../domain/subscription/subscription.ts";
import type { DecisionBy } from "./order.contract.ts";

/** `subscription/shop_…`; the argument is the shop's TypeID text. */
export function subscriptionWorkflowId(shop: string): string {
  return `subscription/${shop}`;
}

/** Name under which the worker registers the workflow. */
export const subscriptionWorkflow = "subscription";

export type SubscriptionRef = { shopId: ShopId };
export type SubscriptionInput = SubscriptionRef & { version: 1 };

/** Signal: somebody has paid, or nobody has stood behind it; look. */
export const subscriptionChanged = "subscriptionChanged";

/** The subscription as its row stands. The wait is milliseconds by the product's clock. */
export type SubscriptionSnapshot = {
  version: 1;
  /** The row's version: of two snapshots the higher one is the newer. */
  rowVersion: number;
  state: SubscriptionState;
  /** Null: it is suspended, and nothing comes until somebody pays. */
  next: { deadline: SubscriptionDeadline; waitMs: number } | null;
  /** Options of the further activities, from the row's timings. */
  activity: { timeoutMs: number; retryMs: number };
};

/** The owner wants this cheaper plan when what runs is over. */
export type ScheduleDowngrade = { by: DecisionBy; plan: PlanRef };
export type CancelDowngrade = { by: DecisionBy };
/**
 * An admin says that the money of a payment, for a plan or for a package of credits, is gone; above the configured amount a
 * second one must say the same.
 */
export type ReversePlanPayment = {
  by: DecisionBy;
  paymentId: PlanPaymentId;
  kind: ReversalKind;
  /** Why, sealed among the notes of reversals. */
  reasonNoteId: MessageId;
  needsSecondApproval: boolean;
  /** The proposal that this confirms, so that one which is withdrawn meanwhile is not made anew. */
  reversalId?: string | null;
};

/** Names of the updates; the client and the workflow share them. */
export type SubscriptionUpdates = {
  scheduleDowngrade: ScheduleDowngrade;
  cancelDowngrade: CancelDowngrade;
  reversePlanPayment: ReversePlanPayment;
};
export type SubscriptionUpdateName = keyof SubscriptionUpdates;

/** As an order's decision: `decided` now, `already` before, or `refused` with a stable code. */
export type SubscriptionDecisionResult = {
  outcome: "decided" | "already" | "refused";
  reason: string | null;
  snapshot: SubscriptionSnapshot;
};

export type DecideSubscription = {
  [Name in SubscriptionUpdateName]: SubscriptionRef & { name: Name; request: SubscriptionUpdates[Name] };
}[SubscriptionUpdateName];

export interface SubscriptionActivities {
  loadSubscription(ref: SubscriptionRef): Promise<SubscriptionSnapshot>;
  /** Carries out a person's decision under the row's lock. */
  decideSubscription(decision: DecideSubscription): Promise<SubscriptionDecisionResult>;
  remindOfEnd(ref: SubscriptionRef): Promise<SubscriptionSnapshot>;
  /** What is paid for beyond the end begins, or grace does. */
  endPeriod(ref: SubscriptionRef): Promise<SubscriptionSnapshot>;
  limitService(ref: SubscriptionRef): Promise<SubscriptionSnapshot>;
  suspendService(ref: SubscriptionRef): Promise<SubscriptionSnapshot>;
}
