import { listAskedRuns } from "../../db/system-retention.ts";
import { deleteEndedConnections } from "../../db/system-sweeps.ts";
import type { Reconciled } from "../../workflows/upkeep.contract.ts";
import { IntakeSweeper } from "./intake-sweeper.ts";
import type { SweepDeps } from "./intake-sweeper.ts";
import { openRows } from "./open-rows.ts";
import { removeLooseObjects } from "./remove-loose-objects.ts";
import type { LooseObjectDeps } from "./remove-loose-objects.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

export type ReconcileDeps = SweepDeps & LooseObjectDeps & Pick<UpkeepDeps, "listRunning">;

/**
 * Starts a workflow for every open row that has none or whose own cannot move, rings for what waits, and removes loose
 * bytes and logins at Meta that ended: the answer to a Temporal database that was lost, restored or replaced. Harmless at
 * any time: a race with a living workflow only makes it look once more.
 */
export async function reconcile(deps: ReconcileDeps): Promise<Reconciled> {
  const running = await deps.listRunning();
  const result: Reconciled = { openRows: 0, startedProcesses: 0, rungConversations: 0 };
  for await (const row of openRows(deps)) {
    result.openRows += 1;
    if (running.has(row.workflowId) && !row.isLate) continue;
    await row.ring();
    if (!running.has(row.workflowId) && row.isNew !== true) result.startedProcesses += 1;
  }
  for (const runId of await listAskedRuns(deps.system)) await deps.processes.sweepRetention({ runId });
  result.rungConversations = await new IntakeSweeper(deps).look();
  await removeLooseObjects(deps);
  await deleteEndedConnections(deps.system, deps.clock.now());
  return result;
}

/** The workflows that should run and do not; those of new shops begin with the next `reconcile`. */
export async function listUnserved(deps: ReconcileDeps): Promise<string[]> {
  const running = await deps.listRunning();
  const missing: string[] = [];
  for await (const { workflowId, isNew } of openRows(deps)) {
    if (isNew !== true && !running.has(workflowId)) missing.push(workflowId);
  }
  return missing;
}
