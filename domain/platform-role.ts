/** What an account may be for the platform, beside its shops. A maker of payouts never approves them. */
export const platformRoles = [
  "platform_admin", // grants roles
  "subscription_admin",
  "payout_admin", // proposes
  "payout_approver",
  "compliance",
  "auditor",
] as const;

export type PlatformRole = (typeof platformRoles)[number];
