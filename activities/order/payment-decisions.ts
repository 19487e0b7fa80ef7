import { ledgerOf } from "../../db/orders.ts";
import { amountRead } from "../../domain/payment/proof-reading.ts";
import { overpaidMinor } from "../../domain/payment/payment-state.ts";
import type { ConfirmPayment, RefusePayment } from "../../workflows/order.contract.ts";
import { textContent } from "../outbox/seal-message.ts";
import { already, byOwner, change, refused } from "./order-change.ts";
import type { LedgerEntry, OrderChange, OrderSet, Plan } from "./order-change.ts";
import { hasUndecided, moneyOf, totalsOf } from "./order-view.ts";
import type { OrderView } from "./order-view.ts";

/** The owner says that the money is there; what was read from the slip is only the amount's default. */
export function planConfirmPayment(
  view: OrderView,
  request: ConfirmPayment,
  correctedReference: string | null,
): Plan {
  if (view.order.payment_kind !== "transfer") return refused("order.not_paid_by_transfer");
  if (view.order.order_state === "draft") return refused("order.not_placed");
  // A second click says nothing of another slip: what was meant is decided.
  if (request.evidenceId === null && view.order.payment_state === "paid") return already;
  const slip = chosenSlip(view, request);
  if (slip?.state === "accepted") return already;
  if (slip && slip.state !== "undecided") return refused(`evidence.${slip.state}`);
  if (request.evidenceId !== null && !slip) return refused("evidence.not_found");

  const amountMinor = request.amountMinor ?? amountRead(slip?.opened ?? null, view.order.currency);
  if (amountMinor === null) return hasAccepted(view) ? already : refused("payment.amount_unknown");
  return change({
    actor: byOwner(request.by),
    ...recordPayment(view, {
      amountMinor,
      effectKey: slip ? `evidence:${slip.id}` : `confirmed:${request.effectKey}`,
      reference: correctedReference ?? slip?.opened?.reference ?? null,
      slip,
    }),
  });
}

type Received = Pick<LedgerEntry, "amountMinor" | "effectKey" | "reference" | "referenceIndex"> & {
  slip: OrderView["evidence"][number] | undefined;
};

/** Money is there: the ledger, what becomes of the order by it, and who is told. */
export function recordPayment(view: OrderView, { slip, ...payment }: Received): Omit<OrderChange, "actor"> {
  const { amountMinor, effectKey: entryKey } = payment;
  const received = view.order.received_minor + amountMinor;
  const wasPaid = view.order.paid_at !== null;
  const isFull = wasPaid || received - view.order.refunded_minor >= view.order.total_minor;
  const isPlaced = view.order.order_state === "placed";
  return {
    set: {
      ...endReview(view, slip?.id),
      ...(isFull && isPlaced && !wasPaid ? { paid_at: view.now } : {}),
    },
    entry: { kind: "payment", evidenceId: slip?.id ?? null, ...payment },
    ...(slip ? { evidence: { id: slip.id, from: "undecided", to: "accepted" } as const } : {}),
    ...(isFull && isPlaced && !wasPaid ? { stock: "sell" as const } : {}),
    events: [
      { type: "payment_recorded", data: { amountMinor } },
      ...(isFull && isPlaced && !wasPaid ? [{ type: "paid" as const }] : []),
    ],
    ...tellOfPayment(view, { entryKey, amountMinor, received, isFull, isPlaced }),
  };
}

/** Without a name the newest undecided slip. */
function chosenSlip(view: OrderView, request: Pick<ConfirmPayment, "evidenceId">) {
  if (request.evidenceId !== null) return view.evidence.find(({ id }) => id === request.evidenceId);
  return view.evidence.findLast(({ state }) => state === "undecided");
}

function hasAccepted({ evidence }: OrderView): boolean {
  return evidence.some(({ state }) => state === "accepted");
}

type Payment = {
  entryKey: string;
  amountMinor: number;
  received: number;
  isFull: boolean;
  isPlaced: boolean;
};

function tellOfPayment(view: OrderView, payment: Payment): Pick<OrderChange, "message" | "notices"> {
  const { order, say, number: orderNumber } = view;
  if (order.order_state === "cancelled") {
    const amount = moneyOf(view, payment.received - order.refunded_minor);
    return {
      message: {
        key: `${payment.entryKey}:refund_due`,
        contents: [textContent(say.refundDue({ orderNumber, amount }))],
      },
      notices: [
        { kind: "refund_due", key: `${payment.entryKey}:refund_due`, amountMinor: amount.amountMinor },
      ],
    };
  }
  if (!payment.isFull) {
    const text = say.partPayment({
      orderNumber,
      received: moneyOf(view, payment.amountMinor),
      balance: moneyOf(view, order.total_minor - payment.received + order.refunded_minor),
    });
    return { message: { key: `${payment.entryKey}:part`, contents: [textContent(text)] } };
  }
  const surplus = overpaidMinor({ ...ledgerOf(order), receivedMinor: payment.received, wasPaid: true });
  const texts = [
    say.receipt({
      orderNumber,
      ...totalsOf(view),
      shopName: view.shop.name,
      paid: moneyOf(view, payment.received - order.refunded_minor),
      paymentMethodName: view.method.name,
      isToCome: order.fulfilment_state === "pending" || order.fulfilment_state === "packed",
    }),
    ...(surplus > 0 ? [say.overPayment({ orderNumber, surplus: moneyOf(view, surplus) })] : []),
  ];
  return {
    // A second payment after the order was paid has its own receipt.
    message: {
      key: order.paid_at === null ? `${order.id}:receipt` : `${payment.entryKey}:receipt`,
      contents: texts.map((text) => textContent(text)),
    },
    ...(surplus > 0
      ? { notices: [{ kind: "refund_due", key: `${payment.entryKey}:surplus`, amountMinor: surplus }] }
      : {}),
  };
}

/** The slip is not accepted; the clock goes on where it stood, with time enough for another picture. */
export function planRefusePayment(view: OrderView, request: RefusePayment, reason: string | null): Plan {
  const slip = chosenSlip(view, request);
  if (!slip) {
    return refused(request.evidenceId === null ? "order.no_undecided_evidence" : "evidence.not_found");
  }
  if (slip.state === "refused") return already;
  if (slip.state !== "undecided") return refused(`evidence.${slip.state}`);
  const { say, number: orderNumber } = view;
  const facts = { orderNumber, reason };
  return change({
    actor: byOwner(request.by),
    set: { ...endReview(view, slip.id), ...resumeClock(view) },
    evidence: { id: slip.id, from: "undecided", to: "refused" },
    events: [{ type: request.asksAgain ? "evidence_asked_again" : "evidence_refused", note: reason }],
    message: {
      key: `${slip.id}:refused`,
      contents: [textContent(request.asksAgain ? say.evidenceAskedAgain(facts) : say.evidenceRefused(facts))],
    },
  });
}

function endReview(view: OrderView, decided: Parameters<typeof hasUndecided>[1]): OrderSet {
  return hasUndecided(view, decided) ? {} : { review_since: null };
}

/** What was left when the clock stopped is left again, but never less than the time of the warning. */
function resumeClock({ order, evidence, now }: OrderView): OrderSet {
  const undecided = evidence.filter(({ state }) => state === "undecided").length;
  if (undecided > 1 || order.clock_stopped_at === null || order.payment_due_at === null) return {};
  const leftMs = order.payment_due_at.getTime() - order.clock_stopped_at.getTime();
  const { expiryWarningMs } = order.timings;
  return {
    clock_stopped_at: null,
    payment_due_at: new Date(now.getTime() + Math.max(leftMs, expiryWarningMs)),
    ...(leftMs > expiryWarningMs ? { expiry_warned_at: null } : {}),
  };
}
