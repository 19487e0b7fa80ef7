import type { Money } from "../money.ts";
import type { DeliveryState, OrderState, PaymentState } from "../order/states.ts";

export type TextLine = { name: string; quantity: number; lineTotal: Money };

export type TextTotals = {
  lines: readonly TextLine[];
  /** Zero is shown as free. */
  fee: Money;
  /** Shown only above zero. */
  discount: Money;
  /** Of the customer's credit; likewise. */
  credit: Money;
  total: Money;
};

export type SummaryText = TextTotals & {
  name: string;
  phone: string;
  township: string;
  address: string;
  paymentMethodName: string;
};

/** An account as the owner shows it; empty parts are left out. */
export type TransferAccount = {
  methodName: string;
  accountName: string;
  accountNumber: string;
  instructions: string | null;
};

type OfOrder = { orderNumber: string };
/** What the owner wrote, shown as the owner's words. */
type WithReason = OfOrder & { reason: string | null };
type OfAmount = OfOrder & { amount: Money };

export type SummaryChange = "price" | "fee" | "stock" | "details" | "payment_method" | "credit";

/** Every sentence that code, not the model, sends to a customer. Order numbers come without `#`. */
export type CustomerTexts = {
  // The conversation
  disclosure(facts: { shopName: string; agentName: string }): string;
  holding(): string;
  fallback(): string;
  handedToPerson(): string;
  /** No machine can answer for now; nothing was asked for. */
  leftToPerson(): string;
  /** Says again that a machine answers, as Meta demands when a person hands over. */
  backToAgent(facts: { agentName: string }): string;
  maskedSecret(): string;
  /** The last word to a customer below 18. */
  notForMinors(): string;
  promotionsOn(): string;
  promotionsOff(): string;
  /** The shop has taken no legal basis for orders: nothing is placed. */
  takesNoOrders(): string;

  // The summary
  summary(facts: SummaryText): string;
  /** Comes before a new summary. */
  summaryChanged(facts: { changes: readonly SummaryChange[] }): string;
  summaryOutdated(): string;
  outOfStock(facts: { items: readonly { name: string; available: number }[] }): string;
  askWhatToChange(): string;
  summaryDropped(): string;
  alreadyPlaced(facts: OfOrder): string;

  // Payment
  placedForTransfer(facts: OfOrder & { total: Money; account: TransferAccount; payWithinMs: number }): string;
  placedForCash(facts: OfOrder & { total: Money }): string;
  /** The code to pay by comes in a message of its own. */
  placedForGateway(facts: OfOrder & { total: Money; methodName: string; payWithinMs: number }): string;
  /** The customer's credit has paid all of it. */
  placedPaid(facts: OfOrder & { credit: Money }): string;
  payByCode(facts: OfOrder & { total: Money; methodName: string }): string;
  evidenceReceived(facts: OfOrder): string;
  whichOrder(): string;
  evidenceUnmatched(): string;
  /** A late answer to the question which order a slip is for. */
  evidenceSettled(): string;
  /** The shop's word on a slip that belonged to no order. */
  unmatchedRefused(facts: { reason: string | null }): string;
  unmatchedReturned(facts: { amount: Money }): string;
  evidenceUnreadable(facts: OfOrder): string;
  partPayment(facts: OfOrder & { received: Money; balance: Money }): string;
  overPayment(facts: OfOrder & { surplus: Money }): string;
  evidenceRefused(facts: WithReason): string;
  evidenceAskedAgain(facts: WithReason): string;
  /** `isToCome`: the goods have not been handed over to whoever brings them. */
  receipt(
    facts: OfOrder &
      TextTotals & { shopName: string; paid: Money; paymentMethodName: string; isToCome: boolean },
  ): string;
  reviewDelayed(facts: OfOrder): string;
  expiryWarning(facts: OfOrder & { balance: Money; leftMs: number }): string;
  expired(facts: OfOrder): string;
  revived(facts: OfOrder): string;
  revivedByPayment(facts: OfOrder): string;
  refundDue(facts: OfAmount): string;
  keptAsCredit(facts: OfAmount): string;
  /** The order that it was taken off has ended. */
  creditReturned(facts: { credit: Money }): string;
  refunded(facts: OfAmount): string;

  // Cash on delivery and the parcel
  cashAccepted(facts: OfOrder & { total: Money }): string;
  cashNotAccepted(facts: OfOrder): string;
  packed(facts: OfOrder): string;
  shipped(facts: OfOrder & { tracking: string | null }): string;
  delivered(facts: OfOrder): string;

  // Cancelling
  askToCancel(facts: OfOrder & { total: Money }): string;
  keptOrder(facts: OfOrder): string;
  cannotCancel(facts: OfOrder): string;
  cancelledByCustomer(facts: OfOrder & { refund: Money | null }): string;
  cancelledByShop(facts: WithReason & { refund: Money | null }): string;

  /** One line, for the agent's tool and for lists. */
  orderStatus(facts: {
    order: OrderState;
    payment: PaymentState;
    fulfilment: DeliveryState;
    balance: Money;
  }): string;

  /** At most 20 characters each, or Messenger cuts them. */
  titles: {
    confirm: string;
    change: string;
    cancel: string;
    person: string;
    agent: string;
    /** To promotions. */
    agree: string;
    cancelOrder: string;
    keepOrder: string;
    ofOrder(facts: OfOrder): string;
  };
};
