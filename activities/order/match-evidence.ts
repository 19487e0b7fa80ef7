import { findEvidence, readingPlace } from "../../db/payment-evidence.ts";
import type { EvidenceId } from "../../domain/id.ts";
import { ownerMayRevive } from "../../domain/order/can-revive.ts";
import type { MatchEvidence, ReviveOrder } from "../../workflows/order.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { textContent } from "../outbox/seal-message.ts";
import { already, byOwner, change, refused } from "./order-change.ts";
import type { Plan } from "./order-change.ts";
import type { OrderView } from "./order-view.ts";
import { beginReview, judgeSlip, openReview } from "./review-evidence.ts";
import type { Slip } from "./review-evidence.ts";
import { revival } from "./revival.ts";
import { decodeReading } from "../../domain/payment/proof-reading.ts";

/**
 * The owner says which order an unmatched slip belongs to; an order that has ended may be it, and what is then
 * confirmed is owed to the customer.
 */
export async function planMatchEvidence(
  deps: ActivityDeps,
  view: OrderView,
  { by, evidenceId }: MatchEvidence,
): Promise<Plan> {
  const { order } = view;
  if (view.evidence.some(({ id }) => id === evidenceId)) return already;
  if (order.order_state === "draft") return refused("order.not_placed");
  if (order.payment_kind !== "transfer") return refused("order.not_paid_by_transfer");
  const slip = await findUnmatchedSlip(deps, view, evidenceId);
  if (typeof slip === "string") return refused(slip);
  const verdict = await judgeSlip(deps, view, slip);
  const review = openReview(view, slip, verdict);
  return change({
    ...(order.order_state === "placed" ? review : { set: beginReview(view), events: review.events }),
    actor: byOwner(by),
    evidence: { id: slip.id, from: "unmatched", to: "undecided", verdict },
    notices: [], // who links it knows of it
  });
}

/**
 * The order that expired comes back under review of the slip that came late, at the prices that were confirmed, if the
 * stock is there. The slip may be unmatched, or linked to the order already.
 */
export async function planReviveOrder(
  deps: ActivityDeps,
  view: OrderView,
  { by, evidenceId }: ReviveOrder,
): Promise<Plan> {
  const { order, say, number: orderNumber } = view;
  const own = view.evidence.find(({ id }) => id === evidenceId);
  if (own && order.revivals > 0 && order.order_state !== "cancelled") return already;
  const mayRevive = ownerMayRevive({
    order: order.order_state,
    kind: order.payment_kind,
    cancelReason: order.cancel_reason,
    receivedMinor: order.received_minor,
  });
  if (!mayRevive) return refused("order.cannot_revive");
  if (own && own.state !== "undecided") return refused(`evidence.${own.state}`);
  const slip = own ?? (await findUnmatchedSlip(deps, view, evidenceId));
  if (typeof slip === "string") return refused(slip);
  const verdict = await judgeSlip(deps, view, slip);
  const review = openReview(view, slip, verdict);
  return change({
    ...review,
    actor: byOwner(by),
    set: { ...review.set, ...revival(view) },
    stock: "reserve",
    evidence: { id: slip.id, from: own ? "undecided" : "unmatched", to: "undecided", verdict },
    events: [{ type: "revived" }, ...review.events],
    message: {
      key: `${order.id}:revived:${order.revivals + 1}`,
      contents: [textContent(say.revived({ orderNumber }))],
    },
    notices: [], // who revives it knows of it
  });
}

/** Opened; a code where there is none of this customer that waits. */
async function findUnmatchedSlip(
  deps: ActivityDeps,
  { order }: OrderView,
  evidenceId: EvidenceId,
): Promise<Slip | string> {
  const row = await deps.db.withShop(order.shop_id, (trx) =>
    findEvidence(trx, { shopId: order.shop_id, evidenceId }),
  );
  if (row?.customer_id !== order.customer_id) return "evidence.not_found";
  if (row.state !== "unmatched") return `evidence.${row.state}`;
  const [plaintext] = await deps.sealer.open([{ place: readingPlace(row), sealed: row.reading }]);
  return { ...row, opened: plaintext === undefined ? null : decodeReading(plaintext) };
}
