import { finishClaim } from "../../db/intake-claims.ts";
import type { MessageId } from "../../domain/id.ts";
import type { DecideOrder, DecisionResult } from "../../workflows/order.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { changeOrder } from "./change-order.ts";
import { planCancel, planKeepAsCredit, planRefund } from "./ending-decisions.ts";
import { planAcceptCash, planDeliver, planPack, planShip } from "./fulfilment-decisions.ts";
import { planGatewayRefund } from "./gateway-decisions.ts";
import type { Plan } from "./order-change.ts";
import { planMatchEvidence, planReviveOrder } from "./match-evidence.ts";
import { openIntakeNote } from "./open-intake-note.ts";
import type { OrderView } from "./order-view.ts";
import { planConfirmPayment, planRefusePayment } from "./payment-decisions.ts";

/**
 * Carries out a person's decision. Safe to run twice: it is recorded under its request's key, and answered as recorded.
 */
export async function decideOrder(deps: ActivityDeps, decision: DecideOrder): Promise<DecisionResult> {
  const ref = { shopId: decision.shopId, orderId: decision.orderId };
  const noteId = noteOf(decision);
  const decide = async (view: OrderView) =>
    decision.name === "matchEvidence"
      ? planMatchEvidence(deps, view, decision.request)
      : decision.name === "reviveOrder"
        ? planReviveOrder(deps, view, decision.request)
        : plan(view, decision, noteId === null ? null : await openNote(deps, view, noteId));
  const result = await changeOrder(deps, ref, decide, decision.updateId);
  if (noteId !== null) {
    const claim = { shopId: ref.shopId, ids: [noteId], now: deps.clock.now() };
    await deps.db.withShop(ref.shopId, (trx) => finishClaim(trx, claim));
  }
  return result;
}

type PureDecision = Exclude<DecideOrder, { name: "matchEvidence" | "reviveOrder" }>;

function plan(view: OrderView, decision: PureDecision, note: string | null): Plan {
  switch (decision.name) {
    case "acceptCashOnDelivery":
      return planAcceptCash(view, decision.request);
    case "confirmPayment":
      return planConfirmPayment(view, decision.request, note);
    case "refusePayment":
      return planRefusePayment(view, decision.request, note);
    case "packOrder":
      return planPack(view, decision.request);
    case "shipOrder":
      return planShip(view, decision.request, note);
    case "deliverOrder":
      return planDeliver(view, decision.request);
    case "cancelOrder":
      return planCancel(view, decision, note);
    case "refundOrder":
      if (decision.request.asCredit === true) return planKeepAsCredit(view, decision.request);
      return view.order.payment_kind === "gateway"
        ? planGatewayRefund(view, decision.request)
        : planRefund(view, decision.request);
  }
}

function openNote(deps: ActivityDeps, { order }: OrderView, id: MessageId): Promise<string | null> {
  const { shop_id: shopId, customer_id: customerId, id: orderId } = order;
  return openIntakeNote(deps, { shopId, customerId, orderId }, id);
}

/** The text that travelled as an id: a reason, a tracking number, a corrected reference. */
function noteOf(decision: DecideOrder): MessageId | null {
  switch (decision.name) {
    case "confirmPayment":
      return decision.request.referenceIntakeId;
    case "refusePayment":
    case "cancelOrder":
      return decision.request.reasonIntakeId;
    case "shipOrder":
      return decision.request.trackingIntakeId;
    default:
      return null;
  }
}
