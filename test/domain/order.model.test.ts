import { expect, test } from "vitest";
import { customerMayCancel, ownerMayCancel } from "../../domain/order/can-cancel.ts";
import { mayExpire } from "../../domain/order/can-expire.ts";
import { ownerMayFulfil } from "../../domain/order/can-fulfil.ts";
import { ownerMayRefund } from "../../domain/order/can-refund.ts";
import { ownerMayRevive } from "../../domain/order/can-revive.ts";
import {
  assertMoves,
  deliveryTransitions,
  orderTransitions,
  paymentTransitions,
} from "../../domain/order/states.ts";
import type { DeliveryState, OrderState, PaymentState } from "../../domain/order/states.ts";
import {
  balanceMinor,
  overpaidMinor,
  paymentState,
  refundOwedMinor,
} from "../../domain/payment/payment-state.ts";
import { fc, runs } from "../support/properties.ts";

const totalMinor = 20_000;

/** An order as a shopkeeper would write it down: what was asked for, and every coin with the state it came in. */
type Book = {
  kind: "transfer" | "cod";
  order: OrderState;
  fulfilment: DeliveryState;
  entries: { amountMinor: number; isPlaced: boolean }[];
  hasUndecided: boolean;
  isCodAccepted: boolean;
  cancelReason: string | null;
};

type Step =
  | { do: "place" | "slip" | "refuse" | "expire" | "revive" | "refundAll" | "acceptCod" | "cancelByOwner" }
  | { do: "cancelByCustomer"; reviewOverdue: boolean }
  | { do: "accept" | "refund"; amountMinor: number }
  | { do: "fulfil"; to: DeliveryState };

const amountMinor = fc.constantFrom(1, 5_000, 15_000, 20_000, 25_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom("place", "place", "slip", "slip", "refuse", "acceptCod", "revive"),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom("expire", "expire", "refundAll", "cancelByOwner") }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("cancelByCustomer" as const), reviewOverdue: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("accept", "accept", "refund"), amountMinor }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("fulfil" as const),
      to: fc.constantFrom("pending", "packed", "shipped", "shipped", "delivered", "delivered"),
    }),
  },
);

const steps = fc.array(step, { maxLength: 30, size: "max" });

test("whatever is tried with an order, only what is allowed happens, along the tables' edges, and the book agrees", () => {
  const seen = { order: new Set<string>(), payment: new Set<string>(), fulfilment: new Set<string>() };
  fc.assert(
    fc.property(fc.constantFrom("transfer", "cod"), steps, (kind, steps) => {
      let book: Book = { ...blank, kind };
      for (const step of steps) {
        const next = take(book, step);
        if (next !== undefined) expectLegal(book, next);
        if ((next !== undefined) !== isAllowed(book, step)) {
          expect.fail(`${JSON.stringify(step)} of ${JSON.stringify(book)}`);
        }
        book = next ?? book;
        seen.order.add(book.order);
        seen.payment.add(paidBy(book));
        seen.fulfilment.add(book.fulfilment);
        expectSums(book);
      }
    }),
    { numRuns: runs(1_500) },
  );
  expect([...seen.order].toSorted()).toEqual(Object.keys(orderTransitions).toSorted());
  expect([...seen.payment].toSorted()).toEqual(Object.keys(paymentTransitions).toSorted());
  expect([...seen.fulfilment].toSorted()).toEqual(Object.keys(deliveryTransitions).toSorted());
});

const blank: Omit<Book, "kind"> = {
  order: "draft",
  fulfilment: "pending",
  entries: [],
  hasUndecided: false,
  isCodAccepted: false,
  cancelReason: null,
};

/** The step by the product's rules; undefined where they refuse it. */
function take(book: Book, step: Step): Book | undefined {
  const { order, fulfilment } = book;
  const payment = paymentState(factsOf(book));
  switch (step.do) {
    case "place":
      return order === "draft" ? { ...book, order: "placed" } : undefined;
    case "slip":
      return order === "draft" || book.kind === "cod" ? undefined : { ...book, hasUndecided: true };
    case "refuse":
      return book.hasUndecided ? { ...book, hasUndecided: false } : undefined;
    case "accept":
      return book.hasUndecided ? withEntry({ ...book, hasUndecided: false }, step.amountMinor) : undefined;
    case "refund":
      return ownerMayRefund({ order, ...ledgerOf(book), amountMinor: step.amountMinor })
        ? withEntry(book, -step.amountMinor)
        : undefined;
    case "refundAll":
      return take(book, { do: "refund", amountMinor: heldBy(book) });
    case "cancelByCustomer":
      return customerMayCancel({ order, payment, fulfilment, reviewOverdue: step.reviewOverdue })
        ? { ...book, order: "cancelled", cancelReason: "by_customer" }
        : undefined;
    case "cancelByOwner":
      return ownerMayCancel({ order, fulfilment })
        ? { ...book, order: "cancelled", cancelReason: "by_owner" }
        : undefined;
    case "expire":
      return mayExpire({ order, payment, heldMinor: heldBy(book), hasUndecidedEvidence: book.hasUndecided })
        ? { ...book, order: "cancelled", cancelReason: "expired" }
        : undefined;
    case "revive":
      return ownerMayRevive({ ...book, receivedMinor: ledgerOf(book).receivedMinor })
        ? { ...book, order: "placed", cancelReason: null, hasUndecided: true }
        : undefined;
    case "acceptCod":
      return book.kind === "cod" && order === "placed" ? { ...book, isCodAccepted: true } : undefined;
    case "fulfil":
      return ownerMayFulfil({ ...book, payment, from: fulfilment, to: step.to })
        ? fulfilled(book, step.to)
        : undefined;
  }
}

/** Cash is taken at the door, and with the delivery the order is over. */
function fulfilled(book: Book, to: DeliveryState): Book {
  if (to !== "delivered") return { ...book, fulfilment: to };
  const isDue = book.kind === "cod" && paymentState(factsOf(book)) === "cod_due";
  const paid = isDue ? withEntry(book, totalMinor) : book;
  return { ...paid, fulfilment: to, order: "completed" };
}

/** The same by the shopkeeper's book, in other words than the product's. */
function isAllowed(book: Book, step: Step): boolean {
  const isOpen = book.order === "placed";
  const held = heldBy(book);
  const isCovered = paidBy(book) === "paid" || (paidBy(book) === "cod_due" && book.isCodAccepted);
  switch (step.do) {
    case "place":
      return book.order === "draft";
    case "slip":
      return book.order !== "draft" && book.kind === "transfer";
    case "refuse":
    case "accept":
      return book.hasUndecided;
    case "refund":
      return book.order !== "draft" && step.amountMinor <= held;
    case "refundAll":
      return book.order !== "draft" && held > 0;
    case "cancelByCustomer":
      if (book.order === "draft") return true;
      if (!isOpen || book.fulfilment !== "pending" || wasCovered(book)) return false;
      return !book.hasUndecided || book.kind === "cod" || step.reviewOverdue;
    case "cancelByOwner":
      return isOpen && book.fulfilment !== "delivered";
    case "expire":
      return isOpen && book.kind === "transfer" && held === 0 && !book.hasUndecided && !wasCovered(book);
    case "revive":
      return book.cancelReason === "expired" && !book.entries.some(({ amountMinor }) => amountMinor > 0);
    case "acceptCod":
      return isOpen && book.kind === "cod";
    case "fulfil": {
      const order: DeliveryState[] = ["pending", "packed", "shipped", "delivered"];
      const [from, to] = [order.indexOf(book.fulfilment), order.indexOf(step.to)];
      const isNext = to === from + 1 || (from === 0 && to === 2);
      return isOpen && isNext && (book.fulfilment === "shipped" || isCovered);
    }
  }
}

/** What a shopkeeper calls the order's payment, from the entries alone. */
function paidBy(book: Book): PaymentState {
  const held = heldBy(book);
  if (book.order === "draft") return "none";
  if (book.order === "cancelled") {
    if (held > 0) return "refund_due";
    return book.entries.length > 0 ? "refunded" : "none";
  }
  if (held >= totalMinor || (wasCovered(book) && held > 0)) return "paid";
  if (wasCovered(book)) return "refunded";
  if (book.kind === "cod") return "cod_due";
  if (book.hasUndecided) return "under_review";
  return held > 0 ? "part_paid" : "due";
}

/** There was a moment, with the order open, at which all of it had been received. */
function wasCovered({ entries }: Book): boolean {
  let held = 0;
  return entries.some(({ amountMinor, isPlaced }) => {
    held += amountMinor;
    return isPlaced && amountMinor > 0 && held >= totalMinor;
  });
}

function expectLegal(from: Book, to: Book): void {
  const statesOf = (book: Book) => ({
    order_state: book.order,
    payment_state: paymentState(factsOf(book)),
    fulfilment_state: book.fulfilment,
  });
  assertMoves(statesOf(from), statesOf(to));
  if (from.order === "completed") expect(to.order).toBe("completed");
  if (from.fulfilment === "delivered") expect(to.fulfilment).toBe("delivered");
}

function expectSums(book: Book): void {
  const held = heldBy(book);
  const ledger = { ...factsOf(book), order: book.order };
  const owedMinor = book.order === "cancelled" ? held : Math.max(0, held - totalMinor);
  expect([paymentState(ledger), refundOwedMinor(ledger), held >= 0]).toEqual([paidBy(book), owedMinor, true]);
  expect(overpaidMinor(ledger) * balanceMinor(ledger)).toBe(0);
  // What is held is the total, less what is missing, more what is too much, less what was conceded.
  const concededMinor = wasCovered(book) ? Math.max(0, totalMinor - held) : 0;
  expect(totalMinor - balanceMinor(ledger) + overpaidMinor(ledger) - concededMinor).toBe(held);
}

function withEntry(book: Book, amountMinor: number): Book {
  return { ...book, entries: [...book.entries, { amountMinor, isPlaced: book.order === "placed" }] };
}

function heldBy({ entries }: Book): number {
  return entries.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}

function ledgerOf({ entries }: Book) {
  const sum = (sign: number) =>
    entries.reduce((total, { amountMinor }) => total + Math.max(0, sign * amountMinor), 0);
  return { receivedMinor: sum(1), refundedMinor: sum(-1) };
}

/** As the columns say it: `paid_at` is set by the entry that completes the total of an open order. */
function factsOf(book: Book) {
  const { order, kind, hasUndecided } = book;
  const flags = { hasUndecidedEvidence: hasUndecided, wasPaid: wasCovered(book) };
  return { order, kind, totalMinor, ...ledgerOf(book), ...flags };
}
