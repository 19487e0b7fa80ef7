import type { GrantId } from "../id.ts";

/** Credits are issued, then they are available, reserved for a turn, and in the end used, expired or reversed. */
export const creditAccounts = ["issued", "available", "reserved", "used", "expired", "reversed"] as const;
export type CreditAccount = (typeof creditAccounts)[number];

export const grantKinds = ["trial", "plan", "top_up", "adjustment"] as const;
export type GrantKind = (typeof grantKinds)[number];

/** What is free burns before what was paid for, and what was bought by itself last. */
export const defaultPriority: Record<GrantKind, number> = { trial: 10, adjustment: 20, plan: 30, top_up: 40 };

export type CreditGrant = {
  id: GrantId;
  /** The lowest burns first. */
  priority: number;
  effectiveAt: Date;
  /** Null: never. */
  expiresAt: Date | null;
  reversedAt: Date | null;
  available: number;
  reserved: number;
};

/** A line of the ledger. The lines of a transaction sum to zero, of each grant by itself. */
export type CreditEntry = { grantId: GrantId; account: CreditAccount; credits: number };

/** What one grant gives to a turn. */
export type CreditPart = { grantId: GrantId; credits: number };

/** Nothing more is paid from it; what comes back to it lapses. */
export function isOver({ expiresAt, reversedAt }: CreditGrant, now: Date): boolean {
  return reversedAt !== null || (expiresAt !== null && expiresAt <= now);
}

export function isSpendable(grant: CreditGrant, now: Date): boolean {
  return grant.effectiveAt <= now && !isOver(grant, now);
}

/** In the order of burning: priority, then what expires soonest, then the oldest. As much of `credits` as there is. */
export function splitOverGrants(
  grants: readonly CreditGrant[],
  { credits, now }: { credits: number; now: Date },
): CreditPart[] {
  const parts: CreditPart[] = [];
  let missing = credits;
  for (const grant of grants.filter((one) => isSpendable(one, now)).toSorted(byBurnOrder)) {
    const taken = Math.min(missing, grant.available);
    if (taken > 0) parts.push({ grantId: grant.id, credits: taken });
    missing -= taken;
  }
  return parts;
}

function byBurnOrder(a: CreditGrant, b: CreditGrant): number {
  return (
    a.priority - b.priority ||
    order(a.expiresAt?.getTime() ?? Infinity, b.expiresAt?.getTime() ?? Infinity) ||
    a.effectiveAt.getTime() - b.effectiveAt.getTime() ||
    order(a.id, b.id)
  );
}

function order<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function sumOf(parts: readonly CreditPart[]): number {
  return parts.reduce((sum, { credits }) => sum + credits, 0);
}

export function issue({ grantId, credits }: CreditPart): CreditEntry[] {
  return move({ grantId, credits }, "issued", "available");
}

export function reserve(parts: readonly CreditPart[]): CreditEntry[] {
  return parts.flatMap((part) => move(part, "available", "reserved"));
}

/**
 * Of what was reserved, `charged` is used, by the parts in their order, and the rest is available again; `charged` 0
 * releases all. Never more than was reserved: what a turn cost above it is the platform's.
 */
export function settle(parts: readonly CreditPart[], charged: number): CreditEntry[] {
  let left = Math.min(charged, sumOf(parts));
  return parts.flatMap(({ grantId, credits }) => {
    const used = Math.min(left, credits);
    left -= used;
    return withoutZeros([
      { grantId, account: "reserved", credits: -credits },
      { grantId, account: "used", credits: used },
      { grantId, account: "available", credits: credits - used },
    ]);
  });
}

/** What is left of a grant that is over; what a turn has reserved of it stays until the turn ends. */
export function lapse(grant: CreditGrant): CreditEntry[] {
  const to = grant.reversedAt === null ? "expired" : "reversed";
  return move({ grantId: grant.id, credits: grant.available }, "available", to);
}

function move({ grantId, credits }: CreditPart, from: CreditAccount, to: CreditAccount): CreditEntry[] {
  return withoutZeros([
    { grantId, account: from, credits: -credits },
    { grantId, account: to, credits },
  ]);
}

function withoutZeros(entries: CreditEntry[]): CreditEntry[] {
  return entries.filter(({ credits }) => credits !== 0);
}
