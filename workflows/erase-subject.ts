import { proxyActivities, sleep } from "@temporalio/workflow";

import { activityOptions } from "./decisions.ts";
import type { ErasureActivities, ErasurePlan, ErasureRef, ErasureResult } from "./erasure.contract.ts";

const { planErasure } = proxyActivities<ErasureActivities>({
  startToCloseTimeout: "30s", // counts the rows of one person; a stranded attempt must not hold the erasure
  retry: { initialInterval: "500ms", maximumInterval: "30s" },
});

/**
 * Erases one person: written down, fenced, their processes closed, every run of these deleted, then the keys, which no
 * cache outlives, then rows and objects; then it is certified. Orders that are not over go on with what they need, so the
 * result says how many: the `erasure` workflow waits for their end. Started again, it goes on where the row stands.
 */
export async function eraseSubject(ref: ErasureRef): Promise<ErasureResult> {
  const plan = await planErasure(ref);
  const steps = activities(plan);
  await steps.fenceSubject(ref);
  await steps.closeProcesses(ref);
  await whileSomethingRuns(ref, plan);
  await steps.terminateStragglers(ref);
  return eraseWhatIsNotHeld(ref, plan);
}

/** One leg: all that no hold keeps goes, and is certified. */
export async function eraseWhatIsNotHeld(ref: ErasureRef, plan: ErasurePlan): Promise<ErasureResult> {
  const steps = activities(plan);
  await steps.deleteExecutions(ref);
  await steps.destroyKeys(ref);
  await sleep(plan.waits.keyCacheMs); // by then every process has forgotten them
  await steps.proveUnreadable(ref);
  await steps.removeRows(ref);
  await steps.deleteExecutions(ref); // somebody may have rung for a row while it was still there
  return steps.issueCertificate(ref);
}

/** They were asked to end; whoever does not within the deadline is a straggler. */
async function whileSomethingRuns(ref: ErasureRef, { waits, activity }: ErasurePlan): Promise<void> {
  const { countRunning } = proxyActivities<ErasureActivities>(activityOptions(activity));
  const startedAt = Date.now();
  while ((await countRunning(ref)) > 0 && Date.now() - startedAt < waits.closeWaitMs) {
    await sleep(waits.pollMs);
  }
}

function activities({ activity }: ErasurePlan): ErasureActivities {
  return proxyActivities<ErasureActivities>(activityOptions(activity));
}
