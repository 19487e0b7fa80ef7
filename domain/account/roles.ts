/** What a person may be in a shop; `staff` is the order agent of earlier days. */
export const membershipRoles = [
  "owner",
  "manager",
  "catalogue",
  "order_agent",
  "finance",
  "viewer",
  "staff",
] as const;

export type MembershipRole = (typeof membershipRoles)[number];
