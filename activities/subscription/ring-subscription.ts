import type { SubscriptionRef } from "../../workflows/subscription.contract.ts";
import type { ActivityDeps } from "../deps.ts";

/**
 * After the commit of whatever changed the row: what was paid is in it, so a Temporal that is away only makes its process
 * look later, when its old deadline comes or `reconcile` does.
 */
export async function ringSubscription(deps: ActivityDeps, { shopId }: SubscriptionRef): Promise<void> {
  try {
    await deps.processes.ringSubscription({ shopId });
  } catch (err) {
    deps.log.warn({ shopId, err }, "subscription.ring_failed");
  }
}
