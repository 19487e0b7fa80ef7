import type { OrderState, PaymentState } from "../order/states.ts";
import type { PaymentKind } from "./payment-kind.ts";

export type Ledger = {
  totalMinor: number;
  /** All that was accepted as received, over-payment included. */
  receivedMinor: number;
  /** All that was given back. */
  refundedMinor: number;
  /** The whole total was there once; from then on the customer owes nothing, whatever the shop gives back. */
  wasPaid: boolean;
};

export type PaymentFacts = Ledger & {
  order: OrderState;
  kind: PaymentKind;
  hasUndecidedEvidence: boolean;
};

/**
 * The payment state that follows from ledger, evidence and total; nothing else sets it. `net` is received − refunded.
 *
 * | order             | condition, first that holds            | state        |
 * | ----------------- | -------------------------------------- | ------------ |
 * | draft             | always                                 | none         |
 * | cancelled         | net > 0                                | refund_due   |
 * |                   | received > 0                           | refunded     |
 * |                   | else (evidence may still be undecided) | none         |
 * | placed, completed | net ≥ total (overpaid included)        | paid         |
 * |                   | was paid, net > 0                      | paid         |
 * |                   | was paid, net = 0                      | refunded     |
 * |   by cash         | else                                   | cod_due      |
 * |   otherwise       | evidence undecided                     | under_review |
 * |                   | net > 0                                | part_paid    |
 * |                   | else                                   | due          |
 *
 * Once the whole total was received, giving a part back is the owner's concession: the customer owes nothing again.
 * Giving all back to a customer who had paid only a part leaves the order due.
 */
export function paymentState(facts: PaymentFacts): PaymentState {
  switch (facts.order) {
    case "draft":
      return "none";
    case "cancelled":
      return stateOfCancelled(facts);
    case "placed":
    case "completed":
      return stateOfPlaced(facts);
  }
}

/** What was received beyond the total and not given back: a refund task, while the state stays `paid`. */
export function overpaidMinor(ledger: Ledger): number {
  return Math.max(0, net(ledger) - ledger.totalMinor);
}

/** What the customer still has to pay for a placed order. */
export function balanceMinor(ledger: Ledger): number {
  return ledger.wasPaid ? 0 : Math.max(0, ledger.totalMinor - net(ledger));
}

/** What the shop owes the customer: everything of a cancelled order, the surplus of any other. */
export function refundOwedMinor(facts: Ledger & { order: OrderState }): number {
  return facts.order === "cancelled" ? Math.max(0, net(facts)) : overpaidMinor(facts);
}

function stateOfCancelled(facts: PaymentFacts): PaymentState {
  if (net(facts) > 0) return "refund_due";
  return facts.receivedMinor > 0 ? "refunded" : "none";
}

function stateOfPlaced(facts: PaymentFacts): PaymentState {
  if (net(facts) >= facts.totalMinor) return "paid";
  if (facts.wasPaid) return net(facts) > 0 ? "paid" : "refunded";
  if (facts.kind === "cod") return "cod_due";
  if (facts.hasUndecidedEvidence) return "under_review";
  return net(facts) > 0 ? "part_paid" : "due";
}

function net({ receivedMinor, refundedMinor }: Ledger): number {
  return receivedMinor - refundedMinor;
}
