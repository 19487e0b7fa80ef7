import type { PlatformRole } from "../../domain/platform-role.ts";

/** What an account may do for the platform: `resource.read|decide|…`. None of them reaches what a shop's customers write, but by a grant that another one approves. */
export const adminScopes = [
  "roles.grant",
  "upgrades.read",
  "upgrades.decide",
  "planPayments.read",
  "planPayments.reverse",
  "payouts.read",
  "payouts.propose",
  "payouts.approve",
  "payouts.evidence",
  "fraud.read",
  "fraud.decide",
  "accounts.read",
  "accounts.suspend",
  "tickets.read",
  "tickets.answer",
  "incidents.read",
  "incidents.decide",
  "breakGlass.read",
  "breakGlass.request",
  "breakGlass.approve",
  "disclosures.read",
  "disclosures.propose",
  "disclosures.approve",
  "accessReviews.read",
  "accessReviews.sign",
  "auditHeads.read",
  "policies.publish",
  "retention.read",
  "retention.run",
] as const;

export type AdminScope = (typeof adminScopes)[number];

/** Who asks never approves: the rule is the grant's and the disclosure's, not the role's. */
const access = [
  "breakGlass.read",
  "breakGlass.request",
  "breakGlass.approve",
  "disclosures.read",
  "disclosures.propose",
  "disclosures.approve",
] as const;

/** Roles are named bundles of scopes; an account with several has them all. */
export const adminScopesOf: Record<PlatformRole, ReadonlySet<AdminScope>> = {
  platform_admin: new Set<AdminScope>([
    "roles.grant",
    "accounts.read",
    "accounts.suspend",
    "incidents.read",
    "incidents.decide",
    ...access,
    "policies.publish",
  ]),
  subscription_admin: new Set<AdminScope>([
    "upgrades.read",
    "upgrades.decide",
    "planPayments.read",
    "planPayments.reverse",
  ]),
  payout_admin: new Set<AdminScope>(["payouts.read", "payouts.propose", "payouts.evidence", "fraud.read"]),
  payout_approver: new Set<AdminScope>([
    "payouts.read",
    "payouts.approve",
    "payouts.evidence",
    "fraud.read",
    "fraud.decide",
  ]),
  compliance: new Set<AdminScope>([
    "fraud.read",
    "fraud.decide",
    "accounts.read",
    "accounts.suspend",
    "tickets.read",
    "tickets.answer",
    "incidents.read",
    "incidents.decide",
    "accessReviews.read",
    "accessReviews.sign",
    "auditHeads.read",
    ...access,
    "policies.publish",
    "retention.read",
    "retention.run",
  ]),
  auditor: new Set<AdminScope>([
    "upgrades.read",
    "planPayments.read",
    "payouts.read",
    "fraud.read",
    "accounts.read",
    "incidents.read",
    "breakGlass.read",
    "disclosures.read",
    "accessReviews.read",
    "auditHeads.read",
    "retention.read",
  ]),
};
