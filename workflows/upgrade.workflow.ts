import { continueAsNew, proxyActivities } from "@temporalio/workflow";

import { activityOptions } from "./decisions.ts";
import { followRow } from "./follow-row.ts";
import { upgradeChanged } from "./upgrade.contract.ts";
import type {
  DecideUpgrade,
  UpgradeActivities,
  UpgradeDecisionResult,
  UpgradeInput,
  UpgradeSnapshot,
  UpgradeUpdateName,
  UpgradeUpdates,
} from "./upgrade.contract.ts";

const { loadUpgrade } = proxyActivities<UpgradeActivities>({
  startToCloseTimeout: "10s", // one read of Postgres; a stranded attempt must not hold the request
  retry: { initialInterval: "500ms", maximumInterval: "30s" },
});

const updateNames: UpgradeUpdateName[] = [
  "submitUpgrade",
  "cancelUpgrade",
  "approveUpgrade",
  "rejectUpgrade",
  "requestUpgradeEvidenceAgain",
  "refundUpgradeMoney",
];

/**
 * From an owner's request for a plan to the day on which nothing of its evidence is left. The owner hands in evidence or
 * the request lapses; an admin decides, or the admins are reminded, it is escalated, and it lapses; then the evidence is
 * purged on time. The row is the truth: it can be started from it in any state.
 */
export async function subscriptionUpgrade(input: UpgradeInput): Promise<void> {
  const ref = { shopId: input.shopId, requestId: input.requestId };
  const request = await followRow<UpgradeSnapshot, UpgradeUpdates, UpgradeDecisionResult>({
    noun: "upgrade",
    changed: upgradeChanged,
    updateNames,
    load: () => loadUpgrade(ref),
    decide: (known, name, decision) =>
      activities(known).decideUpgrade({ ...ref, name, request: decision } as DecideUpgrade),
  });

  for (;;) {
    const snapshot = request.latest();
    const { next } = snapshot;
    if (next) await request.personOrDeadline(next.waitMs, () => activities(snapshot)[next.deadline](ref));
    else if (await request.isOver()) return;
    if (await request.isTimeToContinue()) await continueAsNew<typeof subscriptionUpgrade>(input);
  }
}

function activities(snapshot: UpgradeSnapshot): UpgradeActivities {
  return proxyActivities<UpgradeActivities>(activityOptions(snapshot.activity));
}
