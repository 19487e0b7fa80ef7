import { appendAudit } from "../../db/audit-events.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { lockConversation } from "../../db/conversations.ts";
import { getErasure, moveErasure } from "../../db/erasures.ts";
import { holdBooks, holdOpenOrders } from "../../db/holds.ts";
import { closeUnmatchedEvidence, listEvidenceIds } from "../../db/payment-evidence.ts";
import { listOrderStates } from "../../db/orders.ts";
import { toTypeId } from "../../domain/id.ts";
import type { CustomerId, EvidenceId } from "../../domain/id.ts";
import { conversationWorkflowId } from "../../workflows/conversation.contract.ts";
import type { ErasureRef } from "../../workflows/erasure.contract.ts";
import { evidenceWorkflowId } from "../../workflows/evidence.contract.ts";
import { orderWorkflowId } from "../../workflows/order.contract.ts";
import { changeOrder } from "../order/change-order.ts";
import { planCancel } from "../order/ending-decisions.ts";
import type { ErasureDeps } from "./erasure-deps.ts";

/**
 * Each order that the customer may still cancel is cancelled for them, by the order's own rules: its stock is free again,
 * and what was paid in part is owed. Slips that belong to no order are closed. Their workflows are rung, see it and end.
 * What is open after that goes on under a hold. Safe to run twice: a decision is in the order's story under its key.
 */
export async function closeProcesses(deps: ErasureDeps, ref: ErasureRef): Promise<void> {
  const { shopId, requestId } = ref;
  const erasure = await deps.db.withShop(shopId, (trx) => getErasure(trx, ref));
  if (erasure.stage !== "fenced") return;
  await cancelOrders(deps, ref);
  await deps.atStep("erasure.cancelled");
  const evidenceIds = await deps.db.withShop(shopId, (trx) => closeEvidence(deps, trx, ref));
  for (const evidenceId of evidenceIds) await deps.processes.ringEvidence({ shopId, evidenceId });
  await deps.db.withShop(shopId, async (trx) => {
    const now = deps.clock.now();
    await holdOpenOrders(trx, { ...ref, now });
    await holdBooks(trx, { ...ref, now });
    const workflows = JSON.stringify(await listWorkflows(trx, ref));
    await moveErasure(trx, { shopId, requestId, from: "fenced", to: "closed", set: { workflows } });
  });
}

async function cancelOrders(deps: ErasureDeps, ref: ErasureRef): Promise<void> {
  const { shopId, requestId } = ref;
  const customerId = ref.subjectId as CustomerId;
  const orders = await deps.db.withShop(shopId, (trx) => listOrderStates(trx, { shopId, customerId }));
  const updateId = `erasure:${requestId}`;
  const request = {
    actor: "customer",
    by: { accountId: null, apiKeyId: null },
    reasonIntakeId: null,
  } as const;
  for (const { orderId, state } of orders) {
    if (state !== "placed") continue;
    const order = { shopId, orderId };
    await changeOrder(deps, order, (view) => planCancel(view, { request, updateId }, null), updateId);
    await deps.processes.ringOrder(order); // one that died before this leaves a straggler, no more
  }
}

/** Nobody asks the owner about them any more. */
async function closeEvidence(
  deps: ErasureDeps,
  trx: ShopTransaction,
  { shopId, requestId, subjectId }: ErasureRef,
): Promise<EvidenceId[]> {
  const customerId = subjectId as CustomerId;
  const now = deps.clock.now();
  await lockConversation(trx, { shopId, customerId });
  const closed = await closeUnmatchedEvidence(trx, { shopId, customerId, now });
  if (closed.length > 0) {
    const event = { shopId, actorKind: "system" as const, actorId: null, subjectId, resourceId: requestId };
    const data = { count: closed.length };
    await appendAudit(trx, { ...event, action: "erasure.evidence_closed", data, now });
  }
  return closed;
}

/** By id, since a listing of what Temporal has may be late: one conversation, every order, every slip. */
async function listWorkflows(trx: ShopTransaction, { shopId, subjectId }: ErasureRef): Promise<string[]> {
  const customerId = subjectId as CustomerId;
  const orders = await listOrderStates(trx, { shopId, customerId });
  const evidenceIds = await listEvidenceIds(trx, { shopId, customerId });
  return [
    conversationWorkflowId(toTypeId("cus", customerId)),
    ...orders.map(({ orderId }) => orderWorkflowId(toTypeId("ord", orderId))),
    ...evidenceIds.map((evidenceId) => evidenceWorkflowId(toTypeId("evd", evidenceId))),
  ];
}
