import type { PlanRef } from "./plan.ts";
import type { UpgradeTimings } from "./timings.ts";
import type { TopUpRef } from "./top-up.ts";

/** What a request is for. */
export type Bought = ({ kind: "plan" } & PlanRef) | ({ kind: "top_up" } & TopUpRef);

/** For what only a plan can be. */
export function asPlan(bought: Bought): PlanRef {
  if (bought.kind !== "plan") throw new TypeError("a package of credits is no plan");
  return { planCode: bought.planCode, planVersion: bought.planVersion };
}

export type UpgradeState =
  | "draft" // asked for; the evidence is awaited
  | "submitted" // an admin decides
  | "asked_again" // other evidence is awaited
  | "approved"
  | "rejected"
  | "lapsed"
  | "cancelled";

export const upgradeTransitions = {
  draft: ["submitted", "lapsed", "cancelled"],
  submitted: ["asked_again", "approved", "rejected", "lapsed", "cancelled"],
  asked_again: ["submitted", "rejected", "lapsed", "cancelled"],
  approved: [],
  rejected: [],
  lapsed: [],
  cancelled: [],
} as const satisfies Record<UpgradeState, readonly UpgradeState[]>;

export function canMoveUpgrade(from: UpgradeState, to: UpgradeState): boolean {
  return (upgradeTransitions[from] as readonly UpgradeState[]).includes(to);
}

export const openUpgradeStates = ["draft", "submitted", "asked_again"] as const satisfies UpgradeState[];

export function isOpenUpgrade(state: UpgradeState): boolean {
  return (openUpgradeStates as readonly UpgradeState[]).includes(state);
}

export type UpgradeDeadline =
  | "bookUpgradeMoney"
  | "lapseUpgrade"
  | "remindOfUpgrade"
  | "escalateUpgrade"
  | "purgeUpgradeEvidence";

/** What the row of a request says of its waits. */
export type UpgradeStanding = {
  state: UpgradeState;
  /** A provider has told of money that is not booked; it comes before everything else. */
  moneyCameAt: Date | null;
  /** While evidence is awaited. */
  evidenceDueAt: Date | null;
  /** When the evidence that waits for a decision came. */
  submittedAt: Date | null;
  remindedAt: Date | null;
  escalatedAt: Date | null;
  /** Once it has ended. */
  purgeDueAt: Date | null;
  purgedAt: Date | null;
  timings: UpgradeTimings;
};

/** The deadline that comes next, and when; null: it has ended and nothing of its evidence is left. */
export function nextUpgradeDeadline(
  standing: UpgradeStanding,
): { deadline: UpgradeDeadline; at: Date } | null {
  if (standing.moneyCameAt !== null) return due("bookUpgradeMoney", standing.moneyCameAt, 0);
  switch (standing.state) {
    case "draft":
    case "asked_again":
      return due("lapseUpgrade", standing.evidenceDueAt, 0);
    case "submitted":
      return ofReview(standing);
    case "approved":
    case "rejected":
    case "lapsed":
    case "cancelled":
      return standing.purgedAt === null ? due("purgeUpgradeEvidence", standing.purgeDueAt, 0) : null;
  }
}

function ofReview({ submittedAt, remindedAt, escalatedAt, timings }: UpgradeStanding) {
  if (remindedAt === null) return due("remindOfUpgrade", submittedAt, timings.decisionReminderMs);
  if (escalatedAt === null) return due("escalateUpgrade", submittedAt, timings.decisionEscalationMs);
  return due("lapseUpgrade", submittedAt, timings.decisionDueMs);
}

function due(deadline: UpgradeDeadline, since: Date | null, afterMs: number) {
  return since === null ? null : { deadline, at: new Date(since.getTime() + afterMs) };
}

/** What a payment provider's money meets when it is booked. */
export type MoneyFacts = {
  state: UpgradeState;
  priceMinor: number;
  paidMinor: number;
  /** The shop has asked for something else since. */
  hasLater: boolean;
};

/**
 * What becomes of money that a provider has confirmed. The price exactly approves an open request, and one that lapsed
 * while it was under way; everything else is owed to the payer, and an admin gives it back.
 */
export function judgeMoney({ state, priceMinor, paidMinor, hasLater }: MoneyFacts): "approve" | "owe" {
  if (paidMinor !== priceMinor) return "owe";
  return isOpenUpgrade(state) || (state === "lapsed" && !hasLater) ? "approve" : "owe";
}

/** When the evidence of a request that ends now is to be gone: what was never handed in is of no use at once. */
export function purgeDueAt(
  { submittedAt, timings }: Pick<UpgradeStanding, "submittedAt" | "timings">,
  now: Date,
): Date {
  return submittedAt === null ? now : new Date(now.getTime() + timings.purgeAfterMs);
}
