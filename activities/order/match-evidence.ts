import { findEvidence } from "../../db/payment-evidence.ts";
import type { MatchEvidence } from "../../workflows/order.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { already, change, refused } from "./order-change.ts";
import type { Plan } from "./order-change.ts";
import { readingPlace } from "./order-view.ts";
import type { OrderView } from "./order-view.ts";
import { judgeSlip, openReview } from "./review-evidence.ts";
import { decodeReading } from "./slip-reading.ts";

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
  const row = await deps.db.withShop(order.shop_id, (trx) =>
    findEvidence(trx, { shopId: order.shop_id, evidenceId }),
  );
  if (row?.customer_id !== order.customer_id) return refused("evidence.not_found");
  if (row.state !== "unmatched") return refused(`evidence.${row.state}`);

  const [plaintext] = await deps.sealer.open([{ place: readingPlace(row), sealed: row.reading }]);
  const slip = { ...row, opened: plaintext === undefined ? null : decodeReading(plaintext) };
  const verdict = await judgeSlip(deps, view, slip);
  const review = openReview(view, slip, verdict);
  return change({
    ...(order.order_state === "placed" ? review : { set: {}, events: review.events }),
    actor: { kind: "owner", id: by.accountId },
    evidence: { id: slip.id, from: "unmatched", to: "undecided", verdict },
    notices: [], // who links it knows of it
  });
}
