/** Why a person upheld or dismissed a flag; codes, since what they saw is about other people. */
export const upholdReasons = [
  "same_person",
  "own_network",
  "no_real_shops",
  "appeal_not_convincing",
] as const;
export const dismissReasons = [
  "shared_place",
  "family_or_staff",
  "false_match",
  "appeal_convincing",
] as const;

export type FraudReason = (typeof upholdReasons)[number] | (typeof dismissReasons)[number];
