import type { AccountId, EvidenceId, MessageId, OrderId, ShopId } from "../domain/id.ts";
import type { OrderDeadline, OrderPhase } from "../domain/order/next-deadline.ts";
import type { DeliveryState, OrderState, PaymentState } from "../domain/order/states.ts";

/** `order/ord_…`; the argument is the order's TypeID text. */
export function orderWorkflowId(order: string): string {
  return `order/${order}`;
}

/** Name under which the worker registers the workflow. */
export const orderWorkflow = "order";

export type OrderInput = { version: 1; shopId: ShopId; orderId: OrderId };
export type OrderRef = { shopId: ShopId; orderId: OrderId };

/** Signal: evidence was linked to the order, or its row changed; look. */
export const orderChanged = "orderChanged";

/** The order as its row stands. Waits are milliseconds by the product's clock, since workflow time is the server's. */
export type OrderSnapshot = {
  version: 1;
  /** The row's version: of two snapshots the higher one is the newer. */
  rowVersion: number;
  phase: OrderPhase;
  order: OrderState;
  payment: PaymentState;
  fulfilment: DeliveryState;
  /** A slip that nobody has judged, or money that moved at a payment provider and is not in the ledger. */
  hasUnjudgedEvidence: boolean;
  next: { deadline: OrderDeadline; waitMs: number } | null;
  /** Options of the order's further activities, from its timings. */
  activity: { timeoutMs: number; retryMs: number };
};

/** Who decides, and under which key a repeated request finds the same decision. */
export type DecisionBy = {
  accountId: AccountId | null;
  /** The key that decided, when no person was signed in. */
  apiKeyId: string | null;
};

export type ConfirmPayment = {
  by: DecisionBy;
  evidenceId: EvidenceId | null;
  /** What arrived, minor units; by default what was read from the slip. */
  amountMinor: number | null;
  /** Sealed corrected reference in the intake, when the owner corrects it. */
  referenceIntakeId: MessageId | null;
  effectKey: string;
};
export type RefusePayment = {
  by: DecisionBy;
  /** Null: the newest slip that waits. */
  evidenceId: EvidenceId | null;
  reasonIntakeId: MessageId | null;
  /** True: the customer is asked for another picture, and the clock does not run out on the way. */
  asksAgain: boolean;
};
/** Unmatched evidence of the same customer is of this order. */
export type MatchEvidence = { by: DecisionBy; evidenceId: EvidenceId };
/** An order that expired comes back for a slip of its customer that came late. */
export type ReviveOrder = { by: DecisionBy; evidenceId: EvidenceId };
export type ShipOrder = { by: DecisionBy; trackingIntakeId: MessageId | null };
export type CancelOrder = { by: DecisionBy; actor: "owner" | "customer"; reasonIntakeId: MessageId | null };
export type RefundOrder = {
  by: DecisionBy;
  amountMinor: number | null;
  effectKey: string;
  /** A surplus becomes the customer's credit at the shop. */
  asCredit?: boolean;
};
export type Plain = { by: DecisionBy };

/** Names of the updates; the client and the workflow share them. */
export type OrderUpdates = {
  acceptCashOnDelivery: Plain;
  confirmPayment: ConfirmPayment;
  refusePayment: RefusePayment;
  matchEvidence: MatchEvidence;
  reviveOrder: ReviveOrder;
  packOrder: Plain;
  shipOrder: ShipOrder;
  deliverOrder: Plain;
  cancelOrder: CancelOrder;
  refundOrder: RefundOrder;
};
export type OrderUpdateName = keyof OrderUpdates;

/**
 * `decided`: done now. `already`: the row had it before; the recorded decision stands.
 * `refused`: the row does not allow it; `reason` is a stable code such as `order.not_paid`.
 */
export type DecisionResult = {
  outcome: "decided" | "already" | "refused";
  reason: string | null;
  snapshot: OrderSnapshot;
};

export type DecideOrder = {
  [Name in OrderUpdateName]: OrderRef & { name: Name; request: OrderUpdates[Name]; updateId: string };
}[OrderUpdateName];

export interface OrderActivities {
  loadOrder(ref: OrderRef): Promise<OrderSnapshot>;
  /** Books what a provider confirmed; judges new evidence, puts the order under review, tells customer and owner. */
  reviewEvidence(ref: OrderRef): Promise<OrderSnapshot>;
  /** Carries out a person's decision by a guarded update of the row. */
  decideOrder(decision: DecideOrder): Promise<DecisionResult>;
  warnBeforeExpiry(ref: OrderRef): Promise<OrderSnapshot>;
  expireOrder(ref: OrderRef): Promise<OrderSnapshot>;
  remindOfReview(ref: OrderRef): Promise<OrderSnapshot>;
  escalateReview(ref: OrderRef): Promise<OrderSnapshot>;
  tellCustomerReviewIsLate(ref: OrderRef): Promise<OrderSnapshot>;
  declineUnacceptedCod(ref: OrderRef): Promise<OrderSnapshot>;
  remindOfBalance(ref: OrderRef): Promise<OrderSnapshot>;
  remindToShip(ref: OrderRef): Promise<OrderSnapshot>;
  askIfDelivered(ref: OrderRef): Promise<OrderSnapshot>;
  remindOfRefund(ref: OrderRef): Promise<OrderSnapshot>;
}
