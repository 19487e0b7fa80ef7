import { reconcile } from "../../activities/upkeep/reconcile.ts";
import type { Patience } from "../../activities/upkeep/upkeep-deps.ts";
import { createProcesses, listRunning } from "../../runtime/temporal-client.ts";
import type { House } from "./house.ts";

/** What the schedule does every five minutes. */
export async function reconcileNow({ core, temporal }: House, patience: Patience): Promise<void> {
  const { taskQueue } = temporal;
  await reconcile({
    ...core,
    processes: createProcesses(core.temporal, taskQueue, () => undefined),
    listRunning: () => listRunning(core.temporal, taskQueue),
    patience,
  });
}
