import type { PayoutFailure } from "../payout/states.ts";
import type { Money } from "../money.ts";

/** `key` is the payout's id, and the attempt a number that grows only after it was certain that the one before moved nothing. */
export type PayoutOrder = { key: string; attempt: number; money: Money };

export type PayoutOutcome =
  /** The provider has never heard of it: it may be ordered. */
  | { outcome: "unordered" }
  /** It is on its way, or waits for a person to send it. */
  | { outcome: "awaited" }
  | { outcome: "paid" }
  | { outcome: "failed"; failure: PayoutFailure };

/** Sends commissions to who earned them. Rejects when it is not known what became of the call: then `look` tells. */
export interface PayoutProvider {
  /** Given twice under one key and attempt, it pays once. */
  order(order: PayoutOrder): Promise<PayoutOutcome>;
  look(order: PayoutOrder): Promise<PayoutOutcome>;
}
