import { continueAsNew, proxyActivities, workflowInfo } from "@temporalio/workflow";

import type { EndedRetention, RetentionActivities, RetentionInput } from "./retention.contract.ts";

const { beginRetention, endRetention } = proxyActivities<RetentionActivities>({
  startToCloseTimeout: "30s", // a few statements
  retry: { initialInterval: "500ms", maximumInterval: "1m" }, // an outage of Postgres; the run is wanted after it as well
});

const { sweepRetention } = proxyActivities<RetentionActivities>({
  startToCloseTimeout: "5m", // twenty pages, whose statements end after ten seconds each
  heartbeatTimeout: "10s", // a dead worker must not hold it for so long
  retry: { initialInterval: "500ms", maximumInterval: "1m" },
});

/**
 * Every day, by a schedule, and whenever compliance asks for a dry run or for what one wrote down: slice by slice until
 * nothing is due, then the proof. How far it has come stands in its rows.
 */
export async function retentionRun(input?: RetentionInput): Promise<EndedRetention> {
  const runId = input?.runId ?? (await beginRetention()).runId;
  for (;;) {
    const { state } = await sweepRetention({ runId });
    if (state !== "more") return endRetention({ runId, state });
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof retentionRun>({ version: 1, runId });
  }
}
