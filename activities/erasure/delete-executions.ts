import { setTimeout as wait } from "node:timers/promises";

import { getErasure, moveErasure, noteRuns } from "../../db/erasures.ts";
import { listHeldOrders } from "../../db/holds.ts";
import { AppError } from "../../domain/app-error.ts";
import { toTypeId } from "../../domain/id.ts";
import type { Run } from "../../domain/ports/executions.ts";
import type { RunEnd } from "../../domain/privacy/erasure.ts";
import type { ErasureRef } from "../../workflows/erasure.contract.ts";
import { orderWorkflowId } from "../../workflows/order.contract.ts";
import type { ErasureDeps } from "./erasure-deps.ts";

export async function countRunning(deps: ErasureDeps, ref: ErasureRef): Promise<number> {
  const { runs } = await listRuns(deps, ref);
  return runs.filter(({ isRunning }) => isRunning).length;
}

/** A conversation that waits is one, and whoever did not end in time. Safe to run twice: a run ends once. */
export async function terminateStragglers(deps: ErasureDeps, ref: ErasureRef): Promise<void> {
  const { runs } = await listRuns(deps, ref);
  await end(deps, ref, runs);
}

/**
 * Every run of every chain, again and again until a look finds none: what still runs is ended, since a row may have been
 * rung for meanwhile. Safe to run twice: a run is asked away as often as one likes.
 */
export async function deleteExecutions(deps: ErasureDeps, ref: ErasureRef): Promise<void> {
  const asked = new Set<string>();
  const startedAt = performance.now();
  for (;;) {
    const { runs, timings } = await listRuns(deps, ref);
    if (runs.length === 0) break;
    if (performance.now() - startedAt > timings.deletionWaitMs) {
      throw new AppError("conflict", "erasure.runs_remain", {
        internal: `${runs.length} runs of request ${ref.requestId} are not deleted`,
      });
    }
    await end(deps, ref, runs);
    for (const run of runs) if (!asked.has(run.runId)) await deps.executions.remove(run);
    for (const { runId } of runs) asked.add(runId);
    await wait(timings.pollMs);
  }
  await deps.db.withShop(ref.shopId, async (trx) => {
    const { stage } = await getErasure(trx, ref);
    if (stage === "closed") await moveErasure(trx, { ...ref, from: "closed", to: "cleared" });
  });
}

/** What Temporal keeps of the workflows that no hold keeps. */
async function listRuns(deps: ErasureDeps, ref: ErasureRef) {
  const { erasure, held } = await deps.db.withShop(ref.shopId, async (trx) => ({
    erasure: await getErasure(trx, ref),
    held: await listHeldOrders(trx, ref),
  }));
  const kept = new Set(held.map((orderId) => orderWorkflowId(toTypeId("ord", orderId))));
  const workflowIds = erasure.workflows.filter((id) => !kept.has(id));
  return { runs: await deps.executions.listRuns(workflowIds), timings: erasure.timings };
}

/** Noted before it happens, so that an attempt that dies in between does not take a terminated run for one that ended. */
async function end(deps: ErasureDeps, ref: ErasureRef, runs: Run[]): Promise<void> {
  const ends = runs.map(({ runId, isRunning }): [string, RunEnd] => [
    runId,
    isRunning ? "terminated" : "finished",
  ]);
  await deps.db.withShop(ref.shopId, (trx) => noteRuns(trx, { ...ref, runs: Object.fromEntries(ends) }));
  for (const run of runs) if (run.isRunning) await deps.executions.terminate(run);
}
