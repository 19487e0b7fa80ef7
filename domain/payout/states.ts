/**
 * `held`: something stands in the way (`PayoutObstacle`); `executing`: the order to pay may be out, and whether money
 * went is looked up, never tried again blindly; `failed`: it is certain that none went.
 */
export type PayoutState =
  | "tallied"
  | "held"
  | "proposed"
  | "approved"
  | "executing"
  | "paid"
  | "failed"
  | "cancelled";

/** Why it is certain that no money went, or that it came back. */
export const payoutFailures = [
  "account_unknown",
  "account_closed",
  "name_differs",
  "limit_reached",
  "provider_refused",
  "not_sent",
] as const;
export type PayoutFailure = (typeof payoutFailures)[number];

export const nextPayoutStates = {
  tallied: ["held", "proposed", "cancelled"],
  held: ["tallied", "cancelled"],
  proposed: ["held", "approved", "cancelled"],
  approved: ["held", "executing", "cancelled"],
  executing: ["paid", "failed"],
  failed: ["held", "proposed", "cancelled"],
  paid: [],
  cancelled: [],
} as const satisfies Record<PayoutState, readonly PayoutState[]>;

/** Why nothing may be paid now. */
export type PayoutObstacle =
  | "fraud_flag"
  | "suspended"
  | "no_account"
  | "account_cooling"
  | "account_changed";

export type PayoutStanding = {
  /** By a flag that was upheld, or with the account: nothing is paid until it is lifted. */
  isSuspended: boolean;
  /** Nobody can lift a suspension any more: the appeal was answered, or they take part no more. */
  isFinal: boolean;
  hasOpenFlag: boolean;
  /** Null: there is none, or it is for another currency. */
  account: { version: number; usableFrom: Date } | null;
  /** The version of the account that the maker saw; null before the proposal. */
  proposedVersion: number | null;
};

/** The gate before every step towards the money. What is approved is this amount to this account, and no other. */
export function findObstacle(standing: PayoutStanding, now: Date): PayoutObstacle | null {
  const { isSuspended, hasOpenFlag, account, proposedVersion } = standing;
  if (isSuspended) return "suspended";
  if (hasOpenFlag) return "fraud_flag";
  if (account === null) return "no_account";
  if (proposedVersion !== null && account.version !== proposedVersion) return "account_changed";
  return account.usableFrom > now ? "account_cooling" : null;
}

/** The payout is cancelled: what it waited for comes no more. */
export function isSuspendedForGood({ isSuspended, isFinal }: PayoutStanding): boolean {
  return isSuspended && isFinal;
}
