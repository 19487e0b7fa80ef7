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
        return result;
      },
      { validator: refuseImpossibleAmount },
    );
  }

  current = await loadEvidence(ref);
  for (;;) {
    const snapshot: EvidenceSnapshot = current;
    const somebodyCame = () => hasChanged || current !== snapshot;
    if (snapshot.isUnmatched) {
      const isWoken = await condition(somebodyCame, snapshot.waitMs);
      if (!isWoken) current = await activities(snapshot).remindOfEvidence(ref);
    } else {
      await condition(allHandlersFinished);
      if (!somebodyCame()) return;
    }
    if (hasChanged) {
      hasChanged = false;
      current = await loadEvidence(ref);
    }
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof evidence>(input);
    }
  }
}

function activities(snapshot: EvidenceSnapshot): EvidenceActivities {
  const { timeoutMs, retryMs } = snapshot.activity;
  return proxyActivities<EvidenceActivities>({
    startToCloseTimeout: timeoutMs,
    heartbeatTimeout: "5s", // a server outage or a dead worker costs this, not the time-out
    retry: { initialInterval: retryMs, maximumInterval: 60 * retryMs },
  });
}

/** What can never become true is refused before it costs an event; all else the row decides. */
function refuseImpossibleAmount(request: EvidenceUpdates[EvidenceUpdateName]): void {
  const amount = "amountMinor" in request ? request.amountMinor : null;
  if (amount === null || (Number.isSafeInteger(amount) && amount > 0)) return;
  throw ApplicationFailure.nonRetryable("an amount is a positive whole number", "order.amount_invalid");
}
