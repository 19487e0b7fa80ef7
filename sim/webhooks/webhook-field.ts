const fieldByKey = {
  postback: "messaging_postbacks",
  delivery: "message_deliveries",
  read: "message_reads",
  reaction: "message_reactions",
  message_edit: "message_edits",
  referral: "messaging_referrals",
  optin: "messaging_optins",
  pass_thread_control: "messaging_handovers",
  take_thread_control: "messaging_handovers",
  request_thread_control: "messaging_handovers",
  app_roles: "messaging_handovers",
  policy_enforcement: "messaging_policy_enforcement",
  account_linking: "messaging_account_linking",
} as const;

export const webhookFields: readonly string[] = [
  "messages",
  "message_echoes",
  ...new Set(Object.values(fieldByKey)),
  "standby",
  "messaging_feature_status",
  "business_integrity",
  "feed",
];

/** The subscription field that an item belongs to; undefined for shapes that have none, which are always sent. */
export function webhookField(item: Record<string, unknown>): string | undefined {
  const message = item["message"];
  if (typeof message === "object" && message !== null) {
    return "is_echo" in message ? "message_echoes" : "messages";
  }
  for (const [key, field] of Object.entries(fieldByKey)) if (key in item) return field;
  return undefined;
}
