import {
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  setHandler,
  workflowInfo,
} from "@temporalio/workflow";

import { activityOptions } from "./decisions.ts";
import { eraseWhatIsNotHeld } from "./erase-subject.ts";
import { erasureChanged } from "./erasure.contract.ts";
import type { ErasureActivities, ErasureInput } from "./erasure.contract.ts";

const { loadErasure } = proxyActivities<ErasureActivities>({
  startToCloseTimeout: "10s", // one read of Postgres; a stranded attempt must not hold the erasure
  retry: { initialInterval: "500ms", maximumInterval: "30s" },
});

/**
 * What is left of an erasure after its certificate: when the last kept order is over, or the date of the books has come,
 * another leg takes what was kept; when the epochs of the destroyed keys are destroyed, the certificate gets its second
 * date. It ends while only a date far away is waited for: `reconcile` starts it again when that has come.
 */
export async function erasure(input: ErasureInput): Promise<void> {
  let isRung = false;
  setHandler(defineSignal(erasureChanged), () => {
    isRung = true;
  });
  const { ref, plan } = await loadErasure(input);
  const { endHolds, completeCertificate } = proxyActivities<ErasureActivities>(
    activityOptions(plan.activity),
  );
  for (;;) {
    isRung = false;
    if (await endHolds(ref)) await eraseWhatIsNotHeld(ref, plan);
    const { openOrders, isFinal } = await completeCertificate(ref);
    if (isRung) continue;
    if (openOrders === 0 && isFinal) return;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof erasure>(input);
    await condition(() => isRung, openOrders > 0 ? plan.waits.holdCheckMs : plan.waits.finalCheckMs);
  }
}
