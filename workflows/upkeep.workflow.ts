import { condition, defineSignal, proxyActivities, setHandler } from "@temporalio/workflow";

import { pageChanged } from "./upkeep.contract.ts";
import type {
  PageTending,
  Reconciled,
  SettledCommissions,
  TalliedPayouts,
  UpkeepActivities,
} from "./upkeep.contract.ts";

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
export function ticketReminderRun(): Promise<void> {
  return activities.remindOfTickets();
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

const slices = proxyActivities<UpkeepActivities>({
  startToCloseTimeout: "3m", // twenty calls of at most eight seconds
  heartbeatTimeout: "10s",
  retry: { initialInterval: "1s", backoffCoefficient: 1, maximumAttempts: 60 }, // the hourly check comes again
});
/** A run ends some day, whatever Meta says: the mark on the row tells the next one where to go on. */
const mostSlices = 500;

/**
 * Whenever a Page is connected, breaks, or is found to have missed something; a slice at a time. Whoever rings while it
 * looks has it look again, and ends its wait.
 */
export async function pageTendingRun(page: PageTending): Promise<void> {
  let hasChanged = false;
  setHandler(defineSignal(pageChanged), () => {
    hasChanged = true;
  });
  for (let slice = 0; slice < mostSlices; slice += 1) {
    hasChanged = false;
    const { isDone, waitMs } = await slices.tendPage(page);
    if (isDone && !hasChanged) return;
    if (!isDone && waitMs > 0) await condition(() => hasChanged, waitMs);
  }
}
