import { AppError } from "../app-error.ts";

export type OrderState = "draft" | "placed" | "completed" | "cancelled";
export type PaymentState =
  | "none"
  | "due"
  | "under_review"
  | "part_paid"
  | "paid"
  | "cod_due"
  | "refund_due"
  | "refunded";
export type FulfilmentKind = "delivery" | "pickup" | "digital" | "reservation";
export type DeliveryState = "pending" | "packed" | "shipped" | "delivered";

type Transitions<State extends string> = Readonly<Record<State, readonly State[]>>;

export const orderTransitions: Transitions<OrderState> = {
  draft: ["placed", "cancelled"],
  placed: ["completed", "cancelled"],
  completed: [],
  cancelled: ["placed"], // an expired order whose late slip the owner finds
};

/** Payment states are computed from the ledger (see payment-state.ts); this table is what a computation may lead to. */
export const paymentTransitions: Transitions<PaymentState> = {
  none: ["due", "under_review", "cod_due", "paid", "refund_due"],
  due: ["under_review", "part_paid", "paid", "none", "refund_due", "refunded"],
  under_review: ["due", "part_paid", "paid", "none", "refund_due", "refunded"],
  part_paid: ["under_review", "paid", "refund_due", "due"],
  paid: ["refund_due", "refunded", "part_paid", "none"], // none: the customer's credit had paid all of it
  cod_due: ["paid", "none"],
  refund_due: ["refunded"],
  refunded: ["paid", "refund_due"], // another payment came
};

/** Delivered goods: an owner may ship without packing first. */
export const deliveryTransitions: Transitions<DeliveryState> = {
  pending: ["packed", "shipped"],
  packed: ["shipped"],
  shipped: ["delivered"],
  delivered: [],
};

type Moves = {
  order_state?: OrderState | undefined;
  payment_state?: PaymentState | undefined;
  fulfilment_state?: DeliveryState | undefined;
};

/** Throws when a change would move an order along an edge that no table has: a defect, stopped before it is written. */
export function assertMoves(
  from: Required<{ [Column in keyof Moves]: NonNullable<Moves[Column]> }>,
  to: Moves,
): void {
  const isLegal =
    staysOrMoves(orderTransitions, from.order_state, to.order_state) &&
    staysOrMoves(paymentTransitions, from.payment_state, to.payment_state) &&
    staysOrMoves(deliveryTransitions, from.fulfilment_state, to.fulfilment_state);
  if (isLegal) return;
  throw new AppError("internal", "order.illegal_transition", {
    internal: `${JSON.stringify(from)} to ${JSON.stringify(to)}`,
  });
}

function staysOrMoves<State extends string>(
  table: Transitions<State>,
  from: State,
  to: State | undefined,
): boolean {
  return to === undefined || to === from || canMove(table, from, to);
}

export function canMove<State extends string>(table: Transitions<State>, from: State, to: State): boolean {
  return table[from].includes(to);
}
