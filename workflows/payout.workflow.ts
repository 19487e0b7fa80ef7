import { continueAsNew, proxyActivities } from "@temporalio/workflow";
import { ApplicationFailure } from "@temporalio/common";

import { activityOptions } from "./decisions.ts";
import { followRow } from "./follow-row.ts";
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
  const payout = await followRow<PayoutSnapshot, PayoutUpdates, PayoutDecisionResult>({
    noun: "payout",
    changed: payoutChanged,
    updateNames,
    validator: refuseNobody,
    load: () => loadPayout(ref),
    // Whoever rings has changed what may stand in the way.
    look: (known) => activities(known).gatePayout(ref),
    decide: (known, name, request) =>
      activities(known).decidePayout({ ...ref, name, request } as DecidePayout),
  });

  for (;;) {
    const snapshot = payout.latest();
    const { next } = snapshot;
    if (next) await payout.personOrDeadline(next.waitMs, () => activities(snapshot)[next.deadline](ref));
    else if (await payout.isOver()) return;
    if (await payout.isTimeToContinue()) await continueAsNew<typeof referralPayout>(input);
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
