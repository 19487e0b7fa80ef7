import { listOpenOrders } from "../../db/system-sweeps.ts";
import type { OpenOrder } from "../../db/system-sweeps.ts";
import { toTypeId } from "../../domain/id.ts";
import type { OrderId } from "../../domain/id.ts";
import { orderWorkflowId } from "../../workflows/order.contract.ts";
import { sweepIntake } from "./sweep-intake.ts";
import type { SweepDeps } from "./sweep-intake.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

const pageSize = 500;

export type ReconcileDeps = SweepDeps & Pick<UpkeepDeps, "listRunning">;

export type Reconciled = { openOrders: number; startedOrders: number; rungConversations: number };

/**
 * Starts a workflow for every open row that has none, and rings for what waits: the answer to a Temporal database that
 * was lost, restored or replaced. Harmless at any time: a race with a living workflow only makes it look once more.
 */
export async function reconcile(deps: ReconcileDeps): Promise<Reconciled> {
  const running = await deps.listRunning();
  const result: Reconciled = { openOrders: 0, startedOrders: 0, rungConversations: 0 };
  for await (const order of openOrders(deps)) {
    result.openOrders += 1;
    if (running.has(workflowOf(order))) continue;
    await deps.processes.ringOrder(order);
    result.startedOrders += 1;
  }
  result.rungConversations = await sweepIntake(deps);
  return result;
}

/** The workflows that should run and do not. */
export async function listUnserved(deps: ReconcileDeps): Promise<string[]> {
  const running = await deps.listRunning();
  const missing: string[] = [];
  for await (const order of openOrders(deps)) {
    if (!running.has(workflowOf(order))) missing.push(workflowOf(order));
  }
  return missing;
}

async function* openOrders({ system }: ReconcileDeps): AsyncGenerator<OpenOrder> {
  for (let after: OrderId | null = null; ;) {
    const page: OpenOrder[] = await listOpenOrders(system, { after, limit: pageSize });
    yield* page;
    after = page.at(-1)?.orderId ?? null;
    if (page.length < pageSize) return;
  }
}

function workflowOf({ orderId }: OpenOrder): string {
  return orderWorkflowId(toTypeId("ord", orderId));
}
