/** Why the money of a plan is gone: we gave it back, or the bank or provider took it. */
export const reversalKinds = ["refund", "chargeback"] as const;
export type ReversalKind = (typeof reversalKinds)[number];

/** `proposed`: it waits for a second admin, and nothing has happened yet. */
export type ReversalState = "proposed" | "done";
