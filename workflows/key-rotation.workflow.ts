import { proxyActivities, sleep } from "@temporalio/workflow";

import type { EpochRef, KeyRotation, KeyRotationActivities } from "./key-rotation.contract.ts";

/** Until it succeeds: an epoch half emptied stays readable and unforgotten for as long. */
const retry = { initialInterval: "250ms", maximumInterval: "1m" } as const;

const steps = proxyActivities<KeyRotationActivities>({
  startToCloseTimeout: "30s", // a row's lock, one file, a count
  retry,
});
const pages = proxyActivities<KeyRotationActivities>({
  startToCloseTimeout: "6h", // every data key there is, some thousands a second
  heartbeatTimeout: "10s", // a dead worker must not stop it for so long
  retry,
});

/** Nothing comes back to a closed epoch but by a restored database: then the run ends, and the next one looks anew. */
const mostRounds = 10;

/**
 * Once a week, by a schedule, and by command: the key that wraps all data keys is replaced and destroyed, so that what it
 * wrapped is noise in every copy of the database. Whoever read a key before it was wrapped anew is given time to use it.
 */
export async function keyRotation(): Promise<KeyRotation> {
  const { epoch, waitMs } = await steps.closeKeyEpoch();
  const ref: EpochRef = { version: 1, epoch };
  for (let round = 0; round < mostRounds; round += 1) {
    await pages.rewrapKeys(ref);
    await sleep(waitMs);
    if ((await steps.countKeysLeft(ref)) > 0) continue;
    if (await steps.destroyKeyEpoch(ref)) return { version: 1, epoch, isDestroyed: true };
  }
  return { version: 1, epoch, isDestroyed: false };
}
