import type { OrderRef } from "../../workflows/order.contract.ts";
import type { ActivityDeps } from "../deps.ts";

/** What happened is in its row, so a Temporal that is away only makes the order's process look later. */
export async function ringOrder(deps: ActivityDeps, ref: OrderRef): Promise<void> {
  deps.trace.leadsTo({ kind: "order", id: ref.orderId });
  try {
    await deps.processes.ringOrder(ref);
  } catch (err) {
    deps.log.warn({ ...ref, err }, "order.ring_failed");
  }
}
