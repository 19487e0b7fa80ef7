import { continueAsNew, proxyActivities } from "@temporalio/workflow";

import { activityOptions } from "./decisions.ts";
import { followRow } from "./follow-row.ts";
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
  const service = await followRow<SubscriptionSnapshot, SubscriptionUpdates, SubscriptionDecisionResult>({
    noun: "subscription",
    changed: subscriptionChanged,
    updateNames,
    load: () => loadSubscription(ref),
    decide: (known, name, request) =>
      activities(known).decideSubscription({ ...ref, name, request } as DecideSubscription),
  });

  for (;;) {
    const snapshot = service.latest();
    const { next } = snapshot;
    if (next) await service.personOrDeadline(next.waitMs, () => activities(snapshot)[next.deadline](ref));
    else if (await service.isOver()) return;
    if (await service.isTimeToContinue()) await continueAsNew<typeof subscription>(input);
  }
}

function activities(snapshot: SubscriptionSnapshot): SubscriptionActivities {
  return proxyActivities<SubscriptionActivities>(activityOptions(snapshot.activity));
}
