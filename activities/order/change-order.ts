import { appendAudit } from "../../db/audit-events.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { isFenced, lockConversation } from "../../db/conversations.ts";
import { insertOrderEvents, isDecided, lockOrder, updateOrder } from "../../db/orders.ts";
import type { OrderRow } from "../../db/orders.ts";
import { enqueueMessage, notifySender } from "../../db/outbox.ts";
import { checkPaymentsNow } from "../../db/gateway-payments.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { insertPaymentEntry } from "../../db/payment-entries.ts";
import { listEvidence, moveEvidence } from "../../db/payment-evidence.ts";
import { moveStock } from "../../db/stock-moves.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import { paymentState } from "../../domain/payment/payment-state.ts";
import type { DecisionResult, OrderRef, OrderSnapshot } from "../../workflows/order.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { returnCredit, spendCredit } from "./customer-credit.ts";
import { readGatewayMoney } from "./gateway-money.ts";
import { already } from "./order-change.ts";
import type { OrderChange, Plan } from "./order-change.ts";
import { orderSnapshot } from "./order-snapshot.ts";
import { waitsForMoney } from "./waits-for-money.ts";
import { readOrderView } from "./order-view.ts";
import type { OrderView } from "./order-view.ts";
import { sealChange } from "./seal-change.ts";
import type { SealedChange } from "./seal-change.ts";

const attempts = 8;

/**
 * Reads the order, lets `plan` decide, and carries its change out in one transaction: states, ledger, stock,
 * evidence, story, audit, the customer's message and the owner's notice. When the row moved on between reading
 * and writing, it is read and decided again. Nobody waits for Messenger: the commit wakes the sender.
 * Safe to run twice: a person's decision is in the story under its key, and a deadline finds what was done before.
 */
export async function changeOrder(
  deps: ActivityDeps,
  ref: OrderRef,
  plan: (view: OrderView) => Plan | Promise<Plan>,
  decisionKey: string | null = null,
): Promise<DecisionResult> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const view = await readOrderView(deps, ref);
    const decided = (await wasDecided(deps, ref, decisionKey)) ? already : await plan(view);
    if (decided.kind !== "change") {
      const snapshot = orderSnapshot(view.order, view, deps.clock.now());
      return decided.kind === "already"
        ? { outcome: "already", reason: null, snapshot }
        : { outcome: "refused", reason: decided.reason, snapshot };
    }
    const sealed = await sealChange(deps, view, decided.change);
    await deps.atStep("order.sealed");
    const work = { view, change: decided.change, sealed, decisionKey, now: deps.clock.now() };
    const applied = await deps.db.withShop(ref.shopId, (trx) => applyChange(trx, work)).catch(asRefusal);
    if (applied === "moved_on") continue;
    await deps.atStep("order.committed");
    if (typeof applied === "string") {
      return {
        outcome: "refused",
        reason: applied,
        snapshot: orderSnapshot(view.order, view, view.now),
      };
    }
    return { outcome: "decided", reason: null, snapshot: applied };
  }
  throw new AppError("conflict", "order.too_busy", { internal: `order ${ref.orderId} kept moving on` });
}

/** For deadlines, where nobody waits for an answer. */
export async function advanceOrder(
  deps: ActivityDeps,
  ref: OrderRef,
  plan: (view: OrderView) => Plan | Promise<Plan>,
): Promise<OrderSnapshot> {
  return (await changeOrder(deps, ref, plan)).snapshot;
}

/** A repeated request, by its key: in another attempt, another run, or after a time-out. */
async function wasDecided(deps: ActivityDeps, ref: OrderRef, decisionKey: string | null): Promise<boolean> {
  if (decisionKey === null) return false;
  return deps.db.withShop(ref.shopId, (trx) => isDecided(trx, { ...ref, decisionKey }));
}

type Applied = OrderSnapshot | "moved_on" | RefusedByRows;
type RefusedByRows =
  | "payment.reference_taken"
  | "payment.already_recorded"
  | "order.out_of_stock"
  | "order.credit_spent";

/** Thrown inside the transaction, so that what was written before it is undone. */
class Refusal extends Error {
  readonly reason: RefusedByRows;
  constructor(reason: RefusedByRows) {
    super(reason);
    this.reason = reason;
  }
}

/** Likewise, so that nothing is written: the order is read and decided again. */
class LostRace extends Error {}

function asRefusal(error: unknown): RefusedByRows | "moved_on" {
  if (error instanceof LostRace) return "moved_on";
  if (error instanceof Refusal) return error.reason;
  throw error;
}

type ToApply = {
  view: OrderView;
  change: OrderChange;
  sealed: SealedChange;
  decisionKey: string | null;
  now: Date;
};

async function applyChange(trx: ShopTransaction, work: ToApply): Promise<Applied> {
  const { order } = work.view;
  const ref = { shopId: order.shop_id, orderId: order.id };
  const conversation = await lockConversation(trx, {
    shopId: order.shop_id,
    customerId: order.customer_id,
  });
  const locked = await lockOrder(trx, ref);
  const evidence = await listEvidence(trx, ref);
  if (isFenced(conversation) && !work.view.isFenced) return "moved_on";
  const isSame = locked.version === order.version && marks(evidence) === marks(work.view.evidence);
  if (!isSame || (await work.change.unless?.(trx))) return "moved_on";

  if (!(await applyEvidence(trx, work))) return "moved_on";
  if (work.change.alongside && !(await work.change.alongside(trx, work.now))) throw new LostRace();
  const money = await applyEntry(trx, work);
  await applyStock(trx, work);
  const remaining = await listEvidence(trx, ref);
  const set = { ...work.change.set, ...money };
  const updated = await updateOrder(trx, {
    ...ref,
    from: locked,
    now: work.now,
    set: {
      ...set,
      ...(work.sealed.tracking ? { tracking: work.sealed.tracking } : {}),
      payment_state: paymentState({
        order: set.order_state ?? order.order_state,
        kind: order.payment_kind,
        totalMinor: order.total_minor,
        receivedMinor: money.received_minor,
        refundedMinor: money.refunded_minor,
        wasPaid: (set.paid_at ?? order.paid_at) !== null,
        hasUndecidedEvidence: remaining.some(({ state }) => state === "undecided"),
      }),
    },
  });
  if (!updated) throw new TypeError("the row is locked and its version was compared");
  await moveCredit(trx, work, updated);
  await writeStory(trx, work, updated);
  if (updated.payment_kind === "gateway" && !waitsForMoney(updated)) {
    const owner = { shopId: order.shop_id, purpose: "order", ownerId: order.id } as const;
    await checkPaymentsNow(trx, { ...owner, now: work.now });
  }
  const gateway = await readGatewayMoney(trx, updated);
  return orderSnapshot(updated, { evidence: remaining, gateway }, work.now);
}

/** An order that ends gives back the credit in it; one that is open again takes it once more. */
async function moveCredit(
  trx: ShopTransaction,
  { view, change, now }: ToApply,
  after: OrderRow,
): Promise<void> {
  const before = view.order.order_state;
  if (before === after.order_state) return;
  const key = (what: string) => `order:${after.id}:${what}:${after.revivals}`;
  const by = change.actor.id;
  if (after.order_state === "cancelled" && before !== "draft") {
    await returnCredit(trx, after, { key: key("returned"), by, now });
  }
  if (before !== "cancelled") return;
  await spendCredit(trx, after, { key: key("spent"), by, now }).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "order.credit_spent")
      throw new Refusal("order.credit_spent");
    throw error;
  });
}

/** Two readings of the evidence are the same when no slip came, was judged or decided in between. */
function marks(evidence: readonly { id: string; state: string; verdict: string | null }[]): string {
  return evidence.map(({ id, state, verdict }) => `${id}:${state}:${verdict ?? ""}`).join();
}

/** First of all writes: false is a lost race, and nothing was written. */
async function applyEvidence(trx: ShopTransaction, { view, change, sealed, now }: ToApply): Promise<boolean> {
  const { evidence } = change;
  if (!evidence) return true;
  const isDecided = evidence.to === "accepted" || evidence.to === "refused";
  const isMoved = await moveEvidence(trx, {
    shopId: view.order.shop_id,
    evidenceId: evidence.id,
    from: evidence.from,
    set: {
      state: evidence.to,
      ...(evidence.to === "unmatched" ? { order_id: null } : {}),
      ...(evidence.from === "unmatched" ? { order_id: view.order.id } : {}),
      ...(evidence.verdict ? { verdict: evidence.verdict, judged_at: now } : {}),
      ...(isDecided ? { decided_at: now, decided_by: change.actor.id } : {}),
      ...(sealed.financeReading ? { reading: sealed.financeReading, sealed_for: "finance" as const } : {}),
    },
  });
  if (isMoved) await sealed.moveObject?.(trx);
  return isMoved;
}

async function applyEntry(trx: ShopTransaction, { view, change, sealed, now }: ToApply) {
  const { order } = view;
  const { entry } = change;
  const sums = { received_minor: order.received_minor, refunded_minor: order.refunded_minor };
  if (!entry) return sums;
  const booked = await insertPaymentEntry(trx, {
    shop_id: order.shop_id,
    id: newId<string>(),
    order_id: order.id,
    evidence_id: entry.evidenceId,
    kind: entry.kind,
    payment_method_id: order.payment_method_id,
    amount_minor: entry.amountMinor,
    currency: order.currency,
    reference_index: sealed.referenceIndex,
    effect_key: entry.effectKey,
    recorded_by: change.actor.id,
    recorded_at: now,
  });
  if (booked === "reference_taken") throw new Refusal("payment.reference_taken");
  // The plan knows every effect that is booked; one that it does not know must not be told as done.
  if (booked === "repeated") throw new Refusal("payment.already_recorded");
  return entry.kind === "refund" || entry.kind === "credit"
    ? { ...sums, refunded_minor: sums.refunded_minor + entry.amountMinor }
    : { ...sums, received_minor: sums.received_minor + entry.amountMinor };
}

const stockSigns = {
  reserve: { onHand: 0, reserved: 1 },
  release: { onHand: 0, reserved: -1 },
  sell: { onHand: -1, reserved: -1 },
  restock: { onHand: 1, reserved: 0 },
} as const;

async function applyStock(trx: ShopTransaction, { view, change, now }: ToApply): Promise<void> {
  if (!change.stock) return;
  const sign = stockSigns[change.stock];
  const result = await moveStock(trx, {
    shopId: view.order.shop_id,
    orderId: view.order.id,
    round: change.set.revivals ?? view.order.revivals,
    kind: change.stock,
    actorId: change.actor.id,
    moves: view.lines.map((line) => ({
      variantId: line.variant_id,
      onHandDelta: sign.onHand * line.quantity,
      reservedDelta: sign.reserved * line.quantity,
    })),
    now,
  });
  if (result.outcome === "short") throw new Refusal("order.out_of_stock");
}

async function writeStory(
  trx: ShopTransaction,
  { view, change, sealed, decisionKey, now }: ToApply,
  updated: OrderRow,
): Promise<void> {
  const { order } = view;
  const ref = { shopId: order.shop_id, orderId: order.id, customerId: order.customer_id };
  await insertOrderEvents(
    trx,
    sealed.events.map((event, index) => ({
      shop_id: order.shop_id,
      id: event.id,
      order_id: order.id,
      type: event.type,
      actor_kind: change.actor.kind,
      actor_id: change.actor.id,
      decision_key: index === 0 ? decisionKey : null,
      data: JSON.stringify(event.data),
      note: event.note,
      at: now,
    })),
  );
  await appendAudit(trx, {
    shopId: order.shop_id,
    actorKind: change.actor.kind,
    actorId: change.actor.id,
    action: `order.${change.events[0]?.type ?? "changed"}`,
    subjectId: order.customer_id,
    resourceId: order.id,
    data: {
      order: updated.order_state,
      payment: updated.payment_state,
      fulfilment: updated.fulfilment_state,
      ...(change.actor.apiKeyId ? { apiKeyId: change.actor.apiKeyId } : {}),
    },
    now,
  });
  if (change.message && !view.isFenced) {
    await enqueueMessage(trx, {
      ...ref,
      audience: "order",
      author: "system",
      businessKey: change.message.key,
      parts: sealed.parts,
      now,
    });
    await notifySender(trx, ref);
  }
  for (const notice of change.notices ?? []) {
    await insertNotice(trx, {
      ...ref,
      id: newId(),
      kind: notice.kind,
      businessKey: notice.key,
      data: {
        orderNumber: view.number,
        ...(notice.amountMinor === undefined
          ? {}
          : { amountMinor: notice.amountMinor, currency: order.currency }),
      },
      now,
    });
  }
}
