export type ParticipantState = "active" | "suspended" | "closed";
export type AttributionSource = "sign_up" | "first_upgrade" | "admin";

/** `restoration` gives back what a flag took, when an appeal is granted. */
export type CommissionKind = "earning" | "reversal" | "restoration";

/**
 * `pending`: no fraud rule has looked at it; `held`: it waits for the end of its holding period, or for the decision
 * about a flag; `payable`: the next payout takes it.
 */
export type CommissionState = "pending" | "held" | "payable" | "in_payout" | "paid";
export type HeldReason = "holding_period" | "fraud";

export type FlagState = "open" | "upheld" | "dismissed";
