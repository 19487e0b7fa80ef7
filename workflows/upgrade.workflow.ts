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
  let hasChanged = false;
  let current: UpgradeSnapshot | undefined;

  setHandler(defineSignal(upgradeChanged), () => {
    hasChanged = true;
  });
  for (const name of updateNames) {
    setHandler(defineUpdate<UpgradeDecisionResult, [UpgradeUpdates[typeof name]]>(name), decide(name));
  }

  adopt(await loadUpgrade(ref));
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
      await continueAsNew<typeof subscriptionUpgrade>(input);
    }
  }

  async function personOrDeadline(
    snapshot: UpgradeSnapshot,
    { deadline, waitMs }: NonNullable<UpgradeSnapshot["next"]>,
  ): Promise<void> {
    const isWoken = await condition(() => hasChanged || latest() !== snapshot, waitMs);
    if (hasChanged) return look();
    if (!isWoken) adopt(await activities(snapshot)[deadline](ref));
  }

  async function look(): Promise<void> {
    hasChanged = false;
    adopt(await loadUpgrade(ref));
  }

  function decide(name: UpgradeUpdateName) {
    return async (request: UpgradeUpdates[typeof name]): Promise<UpgradeDecisionResult> => {
      const known = current ?? (await loadUpgrade(ref));
      const result = await activities(known).decideUpgrade({ ...ref, name, request } as DecideUpgrade);
      adopt(result.snapshot);
      return result;
    };
  }

  /** A decision and a deadline may cross; the row knows which came last. */
  function adopt(snapshot: UpgradeSnapshot): void {
    if (current === undefined || snapshot.rowVersion >= current.rowVersion) current = snapshot;
  }

  function latest(): UpgradeSnapshot {
    if (current) return current;
    throw ApplicationFailure.nonRetryable("the request was not loaded", "upgrade.not_loaded");
  }
}

function activities(snapshot: UpgradeSnapshot): UpgradeActivities {
  return proxyActivities<UpgradeActivities>(activityOptions(snapshot.activity));
}
