/** The webhook fields that a connected Page must have; one that is missing gives silence, not an error. */
export const subscribedFields: readonly string[] = [
  "messages",
  "messaging_postbacks",
  "messaging_optins",
  "messaging_referrals",
  "message_echoes",
  "message_reactions",
  "message_edits",
  "message_deliveries",
  "message_reads",
  "messaging_handovers",
  "messaging_policy_enforcement",
];

export function missingFields(fields: readonly string[]): string[] {
  return subscribedFields.filter((field) => !fields.includes(field));
}
