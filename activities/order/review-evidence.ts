import { ledgerOf } from "../../db/orders.ts";
import { isImageKnown } from "../../db/payment-evidence.ts";
import { isReferenceTaken } from "../../db/payment-entries.ts";
import type { EvidenceId } from "../../domain/id.ts";
import { balanceMinor } from "../../domain/payment/payment-state.ts";
import { judgeProof } from "../../domain/payment/judge-proof.ts";
import type { Verdict } from "../../domain/payment/judge-proof.ts";
import type { OrderRef, OrderSnapshot } from "../../workflows/order.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { ringEvidence } from "../evidence/ring-evidence.ts";
import { textContent } from "../outbox/seal-message.ts";
import { advanceOrder } from "./change-order.ts";
import { bookGatewayMoney } from "./book-gateway-money.ts";
import { already, change } from "./order-change.ts";
import type { OrderChange, OrderSet, Plan } from "./order-change.ts";
import { readOrderView } from "./order-view.ts";
import type { OrderView } from "./order-view.ts";
import { amountRead, illegibleReading } from "../../domain/payment/proof-reading.ts";
import { indexReference } from "./seal-change.ts";

export type Slip = OrderView["evidence"][number];

/**
 * Books what a payment provider has confirmed; else judges the oldest slip without a verdict, whose arrival stops the
 * order's clock and opens the review.
 */
export async function reviewEvidence(deps: ActivityDeps, ref: OrderRef): Promise<OrderSnapshot> {
  const booked = await bookGatewayMoney(deps, ref, await readOrderView(deps, ref));
  if (booked !== undefined) return booked;
  let setAsideId: EvidenceId | null = null;
  const snapshot = await advanceOrder(deps, ref, async (view) => {
    setAsideId = null;
    const slip = view.evidence.find(({ state, verdict }) => state === "undecided" && verdict === null);
    if (!slip) return already;
    if (view.order.order_state !== "placed") {
      setAsideId = slip.id;
      return setAside(view, slip);
    }
    return change(openReview(view, slip, await judgeSlip(deps, view, slip)));
  });
  if (setAsideId !== null) await ringEvidence(deps, { shopId: ref.shopId, evidenceId: setAsideId });
  return snapshot;
}

/** The order's clock stops, the review begins, customer and owner are told. */
export function openReview(view: OrderView, slip: Slip, verdict: Verdict): OrderChange {
  const amountMinor = amountRead(slip.opened, view.order.currency) ?? undefined;
  const facts = { orderNumber: view.number };
  const text =
    verdict === "unreadable" ? view.say.evidenceUnreadable(facts) : view.say.evidenceReceived(facts);
  return {
    actor: { kind: "system", id: null },
    set: { ...stopClock(view), ...beginReview(view) },
    evidence: { id: slip.id, from: "undecided", to: "undecided", verdict },
    events: [{ type: "evidence_received" }, { type: "evidence_judged", data: { verdict } }],
    message: { key: `${slip.id}:received`, contents: [textContent(text)] },
    notices: [
      {
        kind: "evidence_to_review",
        key: `${slip.id}:review`,
        ...(amountMinor === undefined ? {} : { amountMinor }),
      },
    ],
  };
}

/** The order ended while the slip was on its way: the owner decides what to do with the money. */
function setAside(view: OrderView, slip: Slip): Plan {
  return change({
    actor: { kind: "system", id: null },
    set: {},
    evidence: { id: slip.id, from: "undecided", to: "unmatched" },
    events: [{ type: "evidence_received" }],
    message: { key: `${slip.id}:unmatched`, contents: [textContent(view.say.evidenceUnmatched())] },
    notices: [{ kind: "unmatched_evidence", key: `${slip.id}:unmatched` }],
  });
}

/** At most so many times a customer can hold an order open by sending pictures. */
function stopClock({ order, now }: OrderView): OrderSet {
  const isRunning = order.payment_due_at !== null && order.clock_stopped_at === null;
  if (!isRunning || order.clock_stops >= order.timings.maxClockStops) return {};
  return { clock_stopped_at: now, clock_stops: order.clock_stops + 1 };
}

export function beginReview({ order, now }: OrderView): OrderSet {
  if (order.review_since !== null) return {};
  return {
    review_since: now,
    review_reminded_at: null,
    review_escalated_at: null,
    review_customer_told_at: null,
  };
}

export async function judgeSlip(deps: ActivityDeps, view: OrderView, slip: Slip): Promise<Verdict> {
  const { order } = view;
  const reading = slip.opened ?? illegibleReading;
  const index = await indexReference(deps, order.shop_id, reading.reference);
  const { isKnownImage, isKnownReference } = await deps.db.withShop(order.shop_id, async (trx) => ({
    isKnownImage: await isImageKnown(trx, { shopId: order.shop_id, objectId: slip.object_id }),
    isKnownReference:
      index !== null &&
      (await isReferenceTaken(trx, {
        shopId: order.shop_id,
        paymentMethodId: order.payment_method_id,
        referenceIndex: index,
      })),
  }));
  return judgeProof({
    reading,
    order: {
      currency: order.currency,
      balanceMinor: balanceMinor(ledgerOf(order)),
      placedAt: order.placed_at ?? order.created_at,
    },
    method: {
      accountName: view.account?.accountName ?? "",
      accountNumber: view.account?.accountNumber ?? "",
    },
    now: view.now,
    isReferenceKnown: isKnownReference,
    isImageKnown: isKnownImage,
  });
}
