import type { AccountId } from "../id.ts";

/** Why data of a person goes to somebody outside. */
export const disclosureGrounds = [
  "court_order",
  "authority", // orders it by law
  "law", // demands it without an order
  "rights_and_safety", // of somebody who would come to harm
] as const;
export type DisclosureGround = (typeof disclosureGrounds)[number];

/** What two people have not approved by then is no longer proposed. */
export const disclosureLifeMs = 30 * 24 * 60 * 60_000;
/** The owner may be kept in the dark for so long, never for good. */
export const longestBarDays = 730;

export const disclosureStates = ["proposed", "lapsed", "refused", "approved", "built"] as const;
export type DisclosureState = (typeof disclosureStates)[number];

export type DisclosureFacts = {
  proposedBy: AccountId;
  proposedAt: Date;
  firstApprovedBy: AccountId | null;
  /** The second approval makes it one. */
  approvedAt: Date | null;
  refusedAt: Date | null;
  builtAt: Date | null;
  barredUntil: Date | null;
};

export function disclosureState(facts: DisclosureFacts, now: Date): DisclosureState {
  if (facts.builtAt !== null) return "built";
  if (facts.approvedAt !== null) return "approved";
  if (facts.refusedAt !== null) return "refused";
  return now.getTime() - facts.proposedAt.getTime() < disclosureLifeMs ? "proposed" : "lapsed";
}

export type DisclosureRefusal = "own_proposal" | "approved_before" | "not_waiting";

/** Why somebody may not approve it; null where nothing stands against it. Two approve, and neither proposed it. */
export function whyNotApproveDisclosure(
  facts: DisclosureFacts,
  { by, now }: { by: AccountId; now: Date },
): DisclosureRefusal | null {
  if (facts.proposedBy === by) return "own_proposal";
  if (facts.firstApprovedBy === by) return "approved_before";
  return disclosureState(facts, now) === "proposed" ? null : "not_waiting";
}

/** Whether the owner hears of it now: it is decided, and no law keeps it from them any more. */
export function isDisclosureToTell({ approvedAt, barredUntil }: DisclosureFacts, now: Date): boolean {
  return approvedAt !== null && (barredUntil === null || barredUntil <= now);
}
