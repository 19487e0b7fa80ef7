import { isSubjectActive, lockConversation } from "../../db/conversations.ts";
import { findOrder, findOrderEvent } from "../../db/orders.ts";
import { matchEvidence } from "../../db/payment-evidence.ts";
import { markDecided } from "../../db/turns.ts";
import type { OrderId } from "../../domain/id.ts";
import type { DecisionRef } from "../../workflows/conversation.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { decideOrder } from "../order/decide-order.ts";
import { drainOutbox } from "../outbox/drain-outbox.ts";
import { placeOrder } from "./place-order.ts";
import { ringOrder } from "./ring-order.ts";
import { tellInTurn } from "./tell-in-turn.ts";

/**
 * What is not chat: places, cancels or matches as the stored turn decided. Safe to run twice: each kind finds what the
 * first run left in the rows, and the turn is marked as decided last.
 */
export async function carryOutDecision(deps: ActivityDeps, ref: DecisionRef): Promise<void> {
  const { decision } = ref;
  switch (decision.kind) {
    case "place_order":
      await placeOrder(deps, ref, decision);
      break;
    case "cancel_order":
      await cancelOrder(deps, ref, decision.orderId);
      break;
    case "match_evidence":
      await linkEvidence(deps, ref, decision);
      break;
  }
  await deps.atStep("decision.carried_out");
  await deps.db.withShop(ref.shopId, (trx) => markDecided(trx, { shopId: ref.shopId, id: ref.turnId }));
  await drainOutbox(deps, ref);
}

async function cancelOrder(deps: ActivityDeps, ref: DecisionRef, orderId: OrderId): Promise<void> {
  const { shopId } = ref;
  const order = await deps.db.withShop(shopId, (trx) => findOrder(trx, { shopId, orderId }));
  // Somebody else's order, or a made-up id in the payload, is as if it were not there.
  if (order?.customer_id !== ref.customerId || order.order_state === "draft") return;
  const result = await decideOrder(deps, {
    shopId,
    orderId,
    name: "cancelOrder",
    request: { by: { accountId: null, apiKeyId: null }, actor: "customer", reasonIntakeId: null },
    updateId: ref.turnId,
  });
  const orderNumber = order.number ?? "";
  if (result.outcome === "refused") {
    await tellInTurn(deps, ref, { key: "cannot_cancel", text: (say) => say.cannotCancel({ orderNumber }) });
  }
  if (result.outcome === "already") await repeatCancellation(deps, ref, { orderId, orderNumber });
  await ringOrder(deps, { shopId, orderId });
}

/** Another tap on an order that ended before; a second run of the tap that ended it has its answer. */
async function repeatCancellation(
  deps: ActivityDeps,
  ref: DecisionRef,
  { orderId, orderNumber }: { orderId: OrderId; orderNumber: string },
): Promise<void> {
  const cancelled = await deps.db.withShop(ref.shopId, (trx) =>
    findOrderEvent(trx, { shopId: ref.shopId, orderId, type: "cancelled" }),
  );
  if (cancelled?.data["by"] === ref.turnId) return;
  await tellInTurn(deps, ref, {
    key: "cancelled_before",
    text: (say) =>
      cancelled?.actor_kind === "customer"
        ? say.cancelledByCustomer({ orderNumber, refund: null })
        : say.cannotCancel({ orderNumber }),
  });
}

async function linkEvidence(
  deps: ActivityDeps,
  ref: DecisionRef,
  decision: Extract<DecisionRef["decision"], { kind: "match_evidence" }>,
): Promise<void> {
  const { shopId, customerId } = ref;
  const isOwn = await deps.db.withShop(shopId, async (trx) => {
    await lockConversation(trx, ref);
    if (!(await isSubjectActive(trx, ref))) return false;
    const order = await findOrder(trx, { shopId, orderId: decision.orderId });
    if (order?.customer_id !== customerId || order.order_state !== "placed") return false;
    await matchEvidence(trx, { shopId, customerId, evidenceId: decision.evidenceId, orderId: order.id });
    return true;
  });
  if (isOwn) await ringOrder(deps, { shopId, orderId: decision.orderId });
  // The order ended while the customer was asked: the slip stays with the owner, who was told of it.
  else await tellInTurn(deps, ref, { key: "unmatched", text: (say) => say.evidenceUnmatched() });
}
