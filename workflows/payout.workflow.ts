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
import { payoutChanged } from "./payout.contract.ts";
import type {
  DecidePayout,
  PayoutActivities,
  PayoutDecisionResult,
  PayoutInput,
  PayoutSnapshot,
  PayoutUpdateName,
  PayoutUpdates,
} from "./payout.contract.ts";

const { loadPayout } = proxyActivities<PayoutActivities>({
  startToCloseTimeout: "10s", // one read of Postgres; a stranded attempt must not hold the payout
  retry: { initialInterval: "500ms", maximumInterval: "30s" },
});

const updateNames: PayoutUpdateName[] = [
  "proposePayout",
  "approvePayout",
  "recordPayoutPaid",
  "recordPayoutFailed",
  "cancelPayout",
];

/**
 * From the tally of a participant's commissions to the money, and to their knowing of it. Fraud rules and the account
 * hold it or let it go on; a maker proposes and another admin approves; the money is ordered once, and what became of it
 * is recorded, or the admins are reminded for as long as it waits. The row is the truth: it can be started from it in
 * any state.
 */
export async function referralPayout(input: PayoutInput): Promise<void> {
  const ref = { shopId: input.shopId, payoutId: input.payoutId };
  let hasChanged = false;
  let current: PayoutSnapshot | undefined;

  setHandler(defineSignal(payoutChanged), () => {
    hasChanged = true;
  });
  for (const name of updateNames) {
    const update = defineUpdate<PayoutDecisionResult, [PayoutUpdates[typeof name]]>(name);
    setHandler(update, decide(name), { validator: refuseNobody });
  }

  adopt(await loadPayout(ref));
  for (;;) {
    const snapshot = latest();
    if (snapshot.next !== null) {
      await personOrDeadline(snapshot, snapshot.next);
    } else {
      await condition(allHandlersFinished);
      if (hasChanged) await look();
      else if (latest() === snapshot) return;
    }
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof referralPayout>(input);
    }
  }

  async function personOrDeadline(
    snapshot: PayoutSnapshot,
    { deadline, waitMs }: NonNullable<PayoutSnapshot["next"]>,
  ): Promise<void> {
    const isWoken = await condition(() => hasChanged || latest() !== snapshot, waitMs);
    if (hasChanged) return look();
    if (!isWoken) adopt(await activities(snapshot)[deadline](ref));
  }

  /** Whoever rings has changed what may stand in the way. */
  async function look(): Promise<void> {
    hasChanged = false;
    adopt(await activities(latest()).gatePayout(ref));
  }

  function decide(name: PayoutUpdateName) {
    return async (request: PayoutUpdates[typeof name]): Promise<PayoutDecisionResult> => {
      const known = current ?? (await loadPayout(ref));
      const result = await activities(known).decidePayout({ ...ref, name, request } as DecidePayout);
      adopt(result.snapshot);
      return result;
    };
  }

  /** A decision and a deadline may cross; the row knows which came last. */
  function adopt(snapshot: PayoutSnapshot): void {
    if (current === undefined || snapshot.rowVersion >= current.rowVersion) current = snapshot;
  }

  function latest(): PayoutSnapshot {
    if (current) return current;
    throw ApplicationFailure.nonRetryable("the payout was not loaded", "payout.not_loaded");
  }
}

/** Two people stand behind each payout: what no person says is refused before it costs an event. */
function refuseNobody({ by }: { by: { accountId: string | null } }): void {
  if (by.accountId !== null) return;
  throw ApplicationFailure.nonRetryable("a payout is decided by people", "payout.no_person");
}

function activities(snapshot: PayoutSnapshot): PayoutActivities {
  return proxyActivities<PayoutActivities>(activityOptions(snapshot.activity));
}
