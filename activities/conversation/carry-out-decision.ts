import { lockConversation } from "../../db/conversations.ts";
import { findOrder } from "../../db/orders.ts";
import { enqueueMessage } from "../../db/outbox.ts";
import { matchEvidence } from "../../db/payment-evidence.ts";
import { markDecided } from "../../db/turns.ts";
import { texts } from "../../domain/conversation/texts.ts";
import { getConversation } from "../../db/conversations.ts";
import type { OrderId } from "../../domain/id.ts";
import type { DecisionRef } from "../../workflows/conversation.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { decideOrder } from "../order/decide-order.ts";
import { drainOutbox } from "../outbox/drain-outbox.ts";
import { sealParts, textContent } from "../outbox/seal-message.ts";
import { placeOrder } from "./place-order.ts";
import { ringOrder } from "./read-slips.ts";

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
    request: { by: { accountId: null, auditReason: null }, actor: "customer", reasonIntakeId: null },
    updateId: ref.turnId,
  });
  if (result.outcome === "refused") {
    await tell(deps, ref, {
      key: "cannot_cancel",
      text: (say) => say.cannotCancel({ orderNumber: order.number ?? "" }),
    });
  }
  await ringOrder(deps, { shopId, orderId });
}

async function linkEvidence(
  deps: ActivityDeps,
  ref: DecisionRef,
  decision: Extract<DecisionRef["decision"], { kind: "match_evidence" }>,
): Promise<void> {
  const { shopId, customerId } = ref;
  const isOwn = await deps.db.withShop(shopId, async (trx) => {
    await lockConversation(trx, ref);
    const order = await findOrder(trx, { shopId, orderId: decision.orderId });
    if (order?.customer_id !== customerId || order.order_state !== "placed") return false;
    await matchEvidence(trx, { shopId, customerId, evidenceId: decision.evidenceId, orderId: order.id });
    return true;
  });
  if (isOwn) await ringOrder(deps, { shopId, orderId: decision.orderId });
}

type Telling = { key: string; text(say: ReturnType<typeof texts>): string };

/** A message of code that belongs to the turn's decision, once. */
async function tell(deps: ActivityDeps, ref: DecisionRef, { key, text }: Telling): Promise<void> {
  const { language } = await deps.db.withShop(ref.shopId, (trx) => getConversation(trx, ref));
  const parts = await sealParts(deps.sealer, ref, [textContent(text(texts(language)))]);
  await deps.db.withShop(ref.shopId, async (trx) => {
    await lockConversation(trx, ref);
    await enqueueMessage(trx, {
      shopId: ref.shopId,
      customerId: ref.customerId,
      audience: "order",
      author: "system",
      businessKey: `turn:${ref.turnId}:${key}`,
      parts,
      turnId: ref.turnId,
      now: deps.clock.now(),
    });
  });
}
