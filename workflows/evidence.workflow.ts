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

import { activityOptions, refuseImpossibleAmount } from "./decisions.ts";
import { evidenceChanged } from "./evidence.contract.ts";
import type {
  DecideEvidence,
  EvidenceActivities,
  EvidenceDecisionResult,
  EvidenceInput,
  EvidenceSnapshot,
  EvidenceUpdateName,
  EvidenceUpdates,
} from "./evidence.contract.ts";

const { loadEvidence } = proxyActivities<EvidenceActivities>({
  startToCloseTimeout: "10s", // one read of Postgres; a stranded attempt must not hold the slip
  retry: { initialInterval: "500ms", maximumInterval: "30s" },
});

const updateNames: EvidenceUpdateName[] = ["returnPayment", "refuseEvidence"];

/**
 * A slip that no order waited for. Money may stand behind it, so the owner is reminded until they link it to an order,
 * give the money back or refuse it. The row is the truth: it can be started from it at any time.
 */
export async function evidence(input: EvidenceInput): Promise<void> {
  const ref = { shopId: input.shopId, evidenceId: input.evidenceId };
  let hasChanged = false;
  let current: EvidenceSnapshot | undefined;
  let decisions = 0;

  setHandler(defineSignal(evidenceChanged), () => {
    hasChanged = true;
  });
  for (const name of updateNames) {
    setHandler(
      defineUpdate<EvidenceDecisionResult, [EvidenceUpdates[typeof name]]>(name),
      async (request) => {
        const known = current ?? (await loadEvidence(ref));
        const result = await activities(known).decideEvidence({ ...ref, name, request } as DecideEvidence);
        current = result.snapshot;
        decisions += 1;
        return result;
      },
      { validator: refuseImpossibleAmount },
    );
  }

  await adopt(loadEvidence(ref));
  for (;;) {
    const snapshot = latest();
    const somebodyCame = () => hasChanged || current !== snapshot;
    if (snapshot.isUnmatched) {
      const isWoken = await condition(somebodyCame, snapshot.waitMs);
      if (!isWoken) await adopt(activities(snapshot).remindOfEvidence(ref));
    } else {
      await condition(allHandlersFinished);
      if (!somebodyCame()) return;
    }
    if (hasChanged) {
      hasChanged = false;
      await adopt(loadEvidence(ref));
    }
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof evidence>(input);
    }
  }

  function latest(): EvidenceSnapshot {
    if (current) return current;
    throw ApplicationFailure.nonRetryable("the slip was not loaded", "evidence.not_loaded");
  }

  /** What was read before a decision that came meanwhile is older than the decision's own word. */
  async function adopt(reading: Promise<EvidenceSnapshot>): Promise<void> {
    const before = decisions;
    const snapshot = await reading;
    if (decisions === before) current = snapshot;
  }
}

function activities(snapshot: EvidenceSnapshot): EvidenceActivities {
  return proxyActivities<EvidenceActivities>(activityOptions(snapshot.activity));
}
