import { proxyActivities } from "@temporalio/workflow";

import type { Reconciled, SettledCommissions, TalliedPayouts, UpkeepActivities } from "./upkeep.contract.ts";

const activities = proxyActivities<UpkeepActivities>({
  startToCloseTimeout: "10m", // every open row, or every Page, once
  heartbeatTimeout: "10s", // a dead worker must not stop it for so long
  retry: { initialInterval: "10s", maximumAttempts: 3 }, // the schedule comes again
});

/** Every five minutes, by a schedule. */
export function reconcileRun(): Promise<Reconciled> {
  return activities.reconcile();
}

/** Every day, by a schedule. */
export function attestationReminderRun(): Promise<void> {
  return activities.remindOfAttestations();
}

/** Every hour, by a schedule. */
export function pageCheckRun(): Promise<void> {
  return activities.checkPages();
}

/** Every fifteen minutes, by a schedule. */
export function commissionRun(): Promise<SettledCommissions> {
  return activities.settleCommissions();
}

/** Once a month, by a schedule. */
export function payoutRun(): Promise<TalliedPayouts> {
  return activities.tallyPayouts();
}
