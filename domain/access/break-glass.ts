import type { AccountId } from "../id.ts";

/** What may be asked for: reading, and nothing else. */
export const breakGlassScopes = [
  "conversations.read",
  "customers.read",
  "orders.read",
  "payments.read",
] as const;
export type BreakGlassScope = (typeof breakGlassScopes)[number];

/** Nobody looks into a shop for longer, from the approval on. */
export const longestBreakGlassMinutes = 60;
/** What nobody approved by then is no longer asked for. */
export const breakGlassRequestMs = 24 * 60 * 60_000;

export const breakGlassStates = [
  "requested", // waits for a second person
  "lapsed", // nobody approved it in a day
  "refused",
  "approved", // the owner is not told yet, and nobody reads
  "open",
  "ended",
] as const;
export type BreakGlassState = (typeof breakGlassStates)[number];

export type BreakGlassTimes = {
  requestedBy: AccountId;
  requestedAt: Date;
  decidedBy: AccountId | null;
  approvedAt: Date | null;
  refusedAt: Date | null;
  toldAt: Date | null;
  endsAt: Date | null;
  /** When one of the two took it back. */
  revokedAt: Date | null;
};

export function breakGlassState(grant: BreakGlassTimes, now: Date): BreakGlassState {
  if (grant.refusedAt !== null) return "refused";
  if (grant.revokedAt !== null) return "ended";
  if (grant.approvedAt === null || grant.endsAt === null) {
    return now.getTime() - grant.requestedAt.getTime() < breakGlassRequestMs ? "requested" : "lapsed";
  }
  if (now >= grant.endsAt) return "ended";
  return grant.toldAt === null ? "approved" : "open";
}

export type BreakGlassRefusal = "same_person" | "not_waiting";

/** Why somebody may not approve or refuse it; null where nothing stands against it. */
export function whyNotDecideBreakGlass(
  grant: BreakGlassTimes,
  { by, now }: { by: AccountId; now: Date },
): BreakGlassRefusal | null {
  if (grant.requestedBy === by) return "same_person";
  return breakGlassState(grant, now) === "requested" ? null : "not_waiting";
}

export function breakGlassEnd(minutes: number, approvedAt: Date): Date {
  return new Date(approvedAt.getTime() + Math.min(minutes, longestBreakGlassMinutes) * 60_000);
}
