/** Why the money of a plan is gone: we give it back, or the bank or provider took it. */
export const reversalKinds = ["refund", "chargeback"] as const;
export type ReversalKind = (typeof reversalKinds)[number];

/** `proposed`: it waits for a second admin, and nothing has happened yet. */
export type ReversalState = "proposed" | "done";

/** How a refund goes back: through the provider that took it, or by a transfer that an admin makes and records. */
export const refundWays = ["gateway", "transfer"] as const;
export type RefundWay = (typeof refundWays)[number];

/** `proposed`: another admin must say the same. `owed`: an admin must transfer the money back, and record it. */
export const waitingReversals = ["proposed", "owed"] as const;
export type WaitingReversal = (typeof waitingReversals)[number];
