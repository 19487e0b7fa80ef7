import type { DataPurpose } from "./data-purpose.ts";

type Purposes = readonly [DataPurpose, ...DataPurpose[]];

/** Every workflow, by the name under which it is registered. A test refuses one that is not here. */
export const workflowPurposes: Record<string, Purposes> = {
  conversation: ["conversation", "order", "follow_up"],
  evidence: ["payment"],
  order: ["order", "payment", "notices"],
  referralPayout: ["referral", "security"],
  subscription: ["billing", "notices"],
  subscriptionUpgrade: ["billing", "notices"],
  attestationReminderRun: ["privacy_rights", "notices"],
  commissionRun: ["referral", "security"],
  pageCheckRun: ["conversation"],
  pageTendingRun: ["conversation"],
  payoutRun: ["referral"],
  reconcileRun: ["conversation", "order", "payment", "billing", "referral", "privacy_rights"],
  breach: ["privacy_rights", "security"],
  erasure: ["privacy_rights"],
  keyRotation: ["security", "privacy_rights"],
  privacyRequest: ["privacy_rights"],
  retentionRun: ["privacy_rights"],
  ticketReminderRun: ["support", "privacy_rights"],
};

/** Every group of activities: a folder of `activities` that registers some. */
export const activityPurposes: Record<string, Purposes> = {
  conversation: ["conversation", "order", "payment"],
  evidence: ["payment", "notices"],
  order: ["order", "payment", "notices"],
  payout: ["referral", "security", "notices"],
  subscription: ["billing", "notices"],
  upgrade: ["billing", "notices"],
  breach: ["privacy_rights", "security", "notices"],
  erasure: ["privacy_rights"],
  key: ["security", "privacy_rights"],
  privacy: ["privacy_rights", "notices"],
  retention: ["privacy_rights"],
  upkeep: ["conversation", "order", "payment", "billing", "referral", "privacy_rights", "notices"],
};

/** Every loop of the worker. */
export const loopPurposes: Record<string, Purposes> = {
  settle: ["conversation", "order", "follow_up"],
  gateways: ["payment", "billing"],
  sweep: ["conversation"],
  objects: ["conversation", "payment", "privacy_rights"],
  audit: ["security"],
  access: ["security", "notices"],
  policies: ["privacy_rights", "notices"],
  disclosures: ["legal_disclosure"],
  reviews: ["security"],
  credits: ["billing", "notices"],
  push: ["notices"],
  mail: ["notices", "account"],
  schedules: ["security"],
};

/** Every schedule. */
export const schedulePurposes: Record<string, Purposes> = {
  reconcile: ["conversation", "order", "payment", "billing", "referral"],
  "page-check": ["conversation"],
  commissions: ["referral", "security"],
  "attestation-reminder": ["privacy_rights", "notices"],
  payouts: ["referral"],
  tickets: ["support", "privacy_rights"],
  retention: ["privacy_rights"],
  "key-rotation": ["security", "privacy_rights"],
};

/** Every group of the API's operations: a tag of its description. */
export const operationPurposes: Record<string, Purposes> = {
  account: ["account"],
  accounts: ["account", "security"],
  sessions: ["security"],
  "second factor": ["security"],
  "API keys": ["security"],
  Audit: ["security", "privacy_rights"],
  Conversations: ["conversation"],
  Credits: ["billing"],
  Customers: ["order", "conversation"],
  Notices: ["notices"],
  Orders: ["order"],
  Pages: ["conversation"],
  "Payment methods": ["payment"],
  Payments: ["payment"],
  Privacy: ["privacy_rights"],
  Products: ["order"],
  Retention: ["privacy_rights"],
  Contact: ["support", "privacy_rights", "security"],
  Referral: ["referral"],
  Shop: ["account"],
  Subscription: ["billing"],
  Team: ["account"],
  "Admin: accounts": ["account", "security"],
  "Admin: fraud": ["security", "referral"],
  "Admin: payouts": ["referral"],
  "Admin: plan payments": ["billing"],
  "Admin: upgrades": ["billing"],
  "Admin: policies": ["privacy_rights"],
  "Compliance: access reviews": ["security"],
  "Compliance: audit": ["security"],
  "Compliance: break-glass": ["security", "support"],
  "Compliance: disclosures": ["legal_disclosure"],
  "Compliance: incidents": ["privacy_rights", "security"],
  "Compliance: privacy requests": ["privacy_rights"],
  "Compliance: retention": ["privacy_rights"],
  "Compliance: tickets": ["support", "privacy_rights", "security"],
};
