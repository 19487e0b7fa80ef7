/**
 * A payment at a provider, as its row knows it. `unknown`: the provider was asked to open it and what came of that is
 * not known; it is looked up, never asked for again blindly.
 */
export type GatewayPaymentState =
  | "created"
  | "unknown"
  | "pending"
  | "paid"
  | "closed"
  | "refunding"
  | "refunded";

/** `unknown`: the provider was asked to give the money back, and it is looked up what came of it. */
export type GatewayRefundState = "requested" | "unknown" | "done" | "failed";

export const gatewayTransitions: Readonly<Record<GatewayPaymentState, readonly GatewayPaymentState[]>> = {
  created: ["unknown", "closed"],
  unknown: ["created", "pending", "paid", "closed"],
  pending: ["paid", "closed"],
  closed: ["paid"], // money that came all the same
  paid: ["refunding", "refunded"], // at once: by a transfer, when the provider gives nothing back
  refunding: ["paid", "refunded"],
  refunded: [],
};

export const refundTransitions: Readonly<Record<GatewayRefundState, readonly GatewayRefundState[]>> = {
  requested: ["unknown"],
  unknown: ["requested", "done", "failed"],
  done: [],
  failed: [],
};

/** What the provider says when it is asked for a payment; `unclear`: no answer, or none that is understood. */
export type PaymentStanding = "absent" | "waiting" | "paid" | "closed" | "unclear";
export type RefundStanding = "absent" | "under_way" | "done" | "failed" | "unclear";

export type PaymentFacts = {
  state: GatewayPaymentState;
  /** Whoever it is for still waits for money. */
  isWanted: boolean;
  /** By the product's clock the provider takes no money for it any more. */
  isOver: boolean;
};

/** `open`: ask the provider for it; `look_up`: ask what became of it; `drop`: it was never asked for. */
type PaymentStep = "open" | "look_up" | "drop" | "rest";

export function nextPaymentStep({ state, isWanted, isOver }: PaymentFacts): PaymentStep {
  switch (state) {
    case "created":
      return isWanted && !isOver ? "open" : "drop";
    case "unknown":
    case "pending":
    case "closed":
      return "look_up";
    case "paid":
    case "refunding":
    case "refunded":
      return "rest";
  }
}

/**
 * What follows from the provider's word. `ask_close`: it must not be paid any more, so that the provider is asked to
 * close it; of an `unknown` one the code was lost with the answer, and another one is opened when this one is closed.
 */
type LookUpOutcome =
  | { do: "become"; state: "created" | "paid" | "closed" }
  | { do: "ask_close" }
  | { do: "wait" };

export function afterLookUp(facts: PaymentFacts, standing: PaymentStanding): LookUpOutcome {
  if (standing === "unclear") return { do: "wait" };
  if (standing === "paid") return { do: "become", state: "paid" };
  if (facts.state === "closed") return { do: "wait" };
  if (standing === "closed") return { do: "become", state: "closed" };
  if (facts.state === "unknown") {
    return standing === "absent" ? { do: "become", state: "created" } : { do: "ask_close" };
  }
  // A code that was shown stands at the provider; that it knows nothing of it is not believed before its time is over.
  if (standing === "absent") return facts.isOver ? { do: "become", state: "closed" } : { do: "wait" };
  return facts.isWanted && !facts.isOver ? { do: "wait" } : { do: "ask_close" };
}

/**
 * Of a refund that was asked for: the same number may be asked for again only when the provider knows nothing of it, and
 * has not refused it before.
 */
export function afterRefundLookUp(
  standing: RefundStanding,
  { isRefused }: { isRefused: boolean },
): GatewayRefundState {
  switch (standing) {
    case "absent":
      return isRefused ? "failed" : "requested";
    case "done":
    case "failed":
      return standing;
    case "under_way":
    case "unclear":
      return "unknown";
  }
}

const refusalInDoubtMs = 10 * 60_000;

/**
 * What was refused may have been done by an earlier call whose answer was lost, and land late: for ten minutes it is
 * looked up, and its amount cannot be given back a second time.
 */
export function isRefusalInDoubt(refusedAt: Date, now: Date): boolean {
  return now.getTime() - refusedAt.getTime() < refusalInDoubtMs;
}

type RefundablePayment = { id: string; paidMinor: number; refundedMinor: number };

/** Which payments give how much back, the oldest first; undefined: they have not got so much. */
export function splitRefund<Payment extends RefundablePayment>(
  payments: readonly Payment[],
  amountMinor: number,
): { payment: Payment; amountMinor: number }[] | undefined {
  let leftMinor = amountMinor;
  const parts = payments.flatMap((payment) => {
    const part = Math.min(leftMinor, payment.paidMinor - payment.refundedMinor);
    leftMinor -= Math.max(0, part);
    return part > 0 ? [{ payment, amountMinor: part }] : [];
  });
  return leftMinor === 0 ? parts : undefined;
}

const second = 1_000;
const hour = 3_600 * second;

/** How long after a look the next one comes, in milliseconds: a customer pays within minutes or not at all. */
export function lookAgainMs(looks: number): number {
  return Math.min(5 * second * 1.5 ** Math.min(looks, 30), hour / 12);
}
