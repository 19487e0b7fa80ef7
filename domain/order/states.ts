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
  cancelled: [],
};

/** Payment states are computed from the ledger (see payment-state.ts); this table is what a computation may lead to. */
export const paymentTransitions: Transitions<PaymentState> = {
  none: ["due", "cod_due", "paid", "refund_due"],
  due: ["under_review", "part_paid", "paid", "none", "refund_due", "refunded"],
  under_review: ["due", "part_paid", "paid", "none", "refund_due", "refunded"],
  part_paid: ["under_review", "paid", "refund_due", "due"],
  paid: ["refund_due", "refunded", "part_paid"],
  cod_due: ["paid", "none"],
  refund_due: ["refunded"],
  refunded: [],
};

/** Delivered goods: an owner may ship without packing first. */
export const deliveryTransitions: Transitions<DeliveryState> = {
  pending: ["packed", "shipped"],
  packed: ["shipped"],
  shipped: ["delivered"],
  delivered: [],
};

export function canMove<State extends string>(table: Transitions<State>, from: State, to: State): boolean {
  return table[from].includes(to);
}
