import { listOpenOrders } from "../../db/system-sweeps.ts";
import { toTypeId } from "../../domain/id.ts";
import type { OrderId } from "../../domain/id.ts";
import { orderWorkflowId } from "../../workflows/order.contract.ts";
import { sweepIntake } from "./sweep-intake.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

const pageSize = 500;

export type Reconciled = { openOrders: number; startedOrders: number; rungConversations: number };

/**
 * Starts a workflow for every open row that has none, and rings for what waits: the answer to a Temporal database that
 * was lost, restored or replaced. Harmless at any time: a race with a living workflow only makes it look once more.
 */
export async function reconcile(deps: UpkeepDeps): Promise<Reconciled> {
  const running = await deps.listRunning();
  const result: Reconciled = { openOrders: 0, startedOrders: 0, rungConversations: 0 };
  let after: OrderId | null = null;
  for (;;) {
    const page = await listOpenOrders(deps.system, { after, limit: pageSize });
    for (const order of page) {
      result.openOrders += 1;
      if (running.has(orderWorkflowId(toTypeId("ord", order.orderId)))) continue;
      await deps.processes.ringOrder(order);
      result.startedOrders += 1;
    }
    after = page.at(-1)?.orderId ?? null;
    if (page.length < pageSize) break;
  }
  result.rungConversations = await sweepIntake(deps);
  return result;
}
