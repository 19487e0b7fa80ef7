import { continueAsNew, proxyActivities } from "@temporalio/workflow";
import { ApplicationFailure } from "@temporalio/common";

import { breachChanged } from "./breach.contract.ts";
import type {
  BreachActivities,
  BreachDecisionResult,
  BreachInput,
  BreachSnapshot,
  BreachUpdateName,
  BreachUpdates,
  DecideBreach,
} from "./breach.contract.ts";
import { activityOptions } from "./decisions.ts";
import { followRow } from "./follow-row.ts";

const { loadBreach } = proxyActivities<BreachActivities>({
  startToCloseTimeout: "10s", // one read of Postgres; a stranded attempt must not hold the incident
  retry: { initialInterval: "500ms", maximumInterval: "30s" },
});

const updateNames: BreachUpdateName[] = [
  "proposeBreachDecision",
  "approveBreachDecision",
  "containBreach",
  "closeIncident",
];

/**
 * From the discovery of a breach to the last person's notice. The clock of 72 hours runs from the discovery; people find
 * out what happened, contain it and write the notice, and two of them stand behind it; then whoever is affected is written
 * down and told once, by a second way where the first does not reach. Alarms are raised for as long as they are not told.
 * The row is the truth: it can be started from it in any state.
 */
export async function breach(input: BreachInput): Promise<void> {
  const ref = { shopId: input.shopId, incidentId: input.incidentId };
  const incident = await followRow<BreachSnapshot, BreachUpdates, BreachDecisionResult>({
    noun: "breach",
    changed: breachChanged,
    updateNames,
    validator: refuseNobody,
    load: () => loadBreach(ref),
    decide: (known, name, request) =>
      activities(known).decideBreach({ ...ref, name, request } as DecideBreach),
  });

  for (;;) {
    const snapshot = incident.latest();
    const { next } = snapshot;
    if (next) await incident.personOrDeadline(next.waitMs, () => activities(snapshot)[next.deadline](ref));
    else if (!snapshot.isOver) await incident.person();
    else if (await incident.isOver()) return;
    if (await incident.isTimeToContinue()) await continueAsNew<typeof breach>(input);
  }
}

function refuseNobody({ by }: { by: { accountId: string | null } }): void {
  if (by.accountId !== null) return;
  throw ApplicationFailure.nonRetryable("a breach is decided about by people", "breach.no_person");
}

function activities(snapshot: BreachSnapshot): BreachActivities {
  return proxyActivities<BreachActivities>(activityOptions(snapshot.activity));
}
