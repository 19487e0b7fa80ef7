import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineSignal,
  defineUpdate,
  proxyActivities,
  setHandler,
  workflowInfo,
} from "@temporalio/workflow";
import { ApplicationFailure } from "@temporalio/common";

import { activityOptions } from "./decisions.ts";
import { subscriptionChanged } from "./subscription.contract.ts";
import type {
  DecideSubscription,
  SubscriptionActivities,
  SubscriptionDecisionResult,
  SubscriptionInput,
  SubscriptionSnapshot,
  SubscriptionUpdateName,
  SubscriptionUpdates,
} from "./subscription.contract.ts";

const { loadSubscription } = proxyActivities<SubscriptionActivities>({
  startToCloseTimeout: "10s", // one read of Postgres; a stranded attempt must not hold the subscription
  retry: { initialInterval: "500ms", maximumInterval: "30s" },
});

const updateNames: SubscriptionUpdateName[] = ["scheduleDowngrade", "cancelDowngrade", "reversePlanPayment"];

/**
 * As long as a shop is served: its owner is reminded before the end; then what is paid beyond it begins, or grace does;
 * after grace the agent only says that a person will answer, and in the end it is silent. A payment, early or late, is in
 * the row when it rings. The row is the truth: it can be started from it in any state, and ends when nothing is due.
 */
export async function subscription(input: SubscriptionInput): Promise<void> {
  const ref = { shopId: input.shopId };
  let hasChanged = false;
  let current: SubscriptionSnapshot | undefined;

  setHandler(defineSignal(subscriptionChanged), () => {
    hasChanged = true;
  });
  for (const name of updateNames) {
    setHandler(
      defineUpdate<SubscriptionDecisionResult, [SubscriptionUpdates[typeof name]]>(name),
      decide(name),
    );
  }

  adopt(await loadSubscription(ref));
  for (;;) {
    const snapshot = latest();
    if (snapshot.next !== null) {
      await paymentOrDeadline(snapshot, snapshot.next);
    } else {
      await condition(allHandlersFinished);
      if (hasChanged) await look();
      else if (latest() === snapshot) return;
    }
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof subscription>(input);
    }
  }

  async function paymentOrDeadline(
    snapshot: SubscriptionSnapshot,
    { deadline, waitMs }: NonNullable<SubscriptionSnapshot["next"]>,
  ): Promise<void> {
    const isWoken = await condition(() => hasChanged || latest() !== snapshot, waitMs);
    if (hasChanged) return look();
    if (!isWoken) adopt(await activities(snapshot)[deadline](ref));
  }

  async function look(): Promise<void> {
    hasChanged = false;
    adopt(await loadSubscription(ref));
  }

  function decide(name: SubscriptionUpdateName) {
    return async (request: SubscriptionUpdates[typeof name]): Promise<SubscriptionDecisionResult> => {
      const known = current ?? (await loadSubscription(ref));
      const decision = { ...ref, name, request } as DecideSubscription;
      const result = await activities(known).decideSubscription(decision);
      adopt(result.snapshot);
      return result;
    };
  }

  /** A decision and a deadline may cross; the row knows which came last. */
  function adopt(snapshot: SubscriptionSnapshot): void {
    if (current === undefined || snapshot.rowVersion >= current.rowVersion) current = snapshot;
  }

  function latest(): SubscriptionSnapshot {
    if (current) return current;
    throw ApplicationFailure.nonRetryable("the subscription was not loaded", "subscription.not_loaded");
  }
}

function activities(snapshot: SubscriptionSnapshot): SubscriptionActivities {
  return proxyActivities<SubscriptionActivities>(activityOptions(snapshot.activity));
}
