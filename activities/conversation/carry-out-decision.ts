import { lockConversation } from "../../db/conversations.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { findOrder, findOrderEvent, lockOrder } from "../../db/orders.ts";
import { findEvidence, matchEvidence } from "../../db/payment-evidence.ts";
import { markDecided } from "../../db/turns.ts";
import type { OrderId } from "../../domain/id.ts";
import type { DecisionRef } from "../../workflows/conversation.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { decideOrder } from "../order/decide-order.ts";
import { actOnPrivacy, askPrivacy } from "../privacy/ask-in-chat.ts";
import { drainOutbox } from "../outbox/drain-outbox.ts";
import { awaitsTransfer } from "./awaits-transfer.ts";
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
      deps.trace.begins({ kind: "order", id: decision.orderId });
      break;
    case "cancel_order":
      await cancelOrder(deps, ref, decision.orderId);
      break;
    case "match_evidence":
      await linkEvidence(deps, ref, decision);
      break;
    case "ask_privacy":
      await askPrivacy(deps, ref, decision);
      break;
    case "privacy":
      await actOnPrivacy(deps, ref, decision);
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

type Match = Extract<DecisionRef["decision"], { kind: "match_evidence" }>;

async function linkEvidence(deps: ActivityDeps, ref: DecisionRef, decision: Match): Promise<void> {
  const linked = await deps.db.withShop(ref.shopId, (trx) => link(trx, ref, decision));
  switch (linked) {
    case "linked":
      return ringOrder(deps, { shopId: ref.shopId, orderId: decision.orderId });
    case "no_order":
      return tellInTurn(deps, ref, { key: "unmatched", text: (say) => say.evidenceUnmatched() });
    case "settled":
      return tellInTurn(deps, ref, { key: "settled", text: (say) => say.evidenceSettled() });
    case "fenced":
      return;
  }
}

/**
 * `linked`: now, or by an earlier tap or run. `no_order`: it ended or was paid while the customer was asked, and the slip
 * stays with the owner, who was told of it. `settled`: the owner has decided about the slip, or it is another order's.
 */
async function link(
  trx: ShopTransaction,
  ref: DecisionRef,
  { evidenceId, orderId }: Match,
): Promise<"linked" | "no_order" | "settled" | "fenced"> {
  const { shopId, customerId } = ref;
  const { subject_state: state } = await lockConversation(trx, ref);
  if (state !== "active") return "fenced";
  const order = await findOrder(trx, { shopId, orderId });
  if (order?.customer_id !== customerId) return "no_order";
  const locked = await lockOrder(trx, { shopId, orderId });
  const slip = await findEvidence(trx, { shopId, evidenceId });
  if (slip?.customer_id === customerId && slip.order_id === orderId) return "linked";
  if (slip?.state !== "unmatched") return "settled";
  if (!awaitsTransfer(locked)) return "no_order";
  return (await matchEvidence(trx, { shopId, customerId, evidenceId, orderId })) ? "linked" : "settled";
}
