export type FraudRule = "self_referral" | "same_payout_account" | "same_device" | "ring" | "velocity";
export type FraudSeverity = "low" | "medium" | "high";

/**
 * What a flag of each rule weighs. `high` holds all that the participant earned and was not paid, until a person has
 * decided; others only stand in the review queue. A rule that is off raises nothing.
 */
export type FraudRules = Readonly<Record<FraudRule, { severity: FraudSeverity; isOn: boolean }>>;

export const fraudRules: FraudRules = {
  // The payer and who earns from them have the same e-mail stem or phone: one person with two accounts.
  self_referral: { severity: "high", isOn: true },
  same_payout_account: { severity: "high", isOn: true },
  same_device: { severity: "high", isOn: true },
  // A chain of shared devices and payout accounts leads from who earns to the payer, over others.
  ring: { severity: "high", isOn: true },
  velocity: { severity: "medium", isOn: true },
};

/** More sign-ups than this by one referrer within 24 hours are looked at by a person. */
const velocityPerDay = 20;

/** What is known of a payer and of one who earns from them. */
export type PairFacts = {
  /** What the two share directly. */
  shared: readonly ("device" | "email" | "phone" | "payout_account")[];
  /** Whether a chain of shared things leads from one to the other. */
  isLinked: boolean;
  /** Attributed to the one who earns within 24 hours before the payer's attribution. */
  signUpsInDay: number;
};

/** The rules that the facts break, each with what it weighs. */
export function judgePair(
  { shared, isLinked, signUpsInDay }: PairFacts,
  rules: FraudRules = fraudRules,
): { rule: FraudRule; severity: FraudSeverity }[] {
  const broken: Record<FraudRule, boolean> = {
    self_referral: shared.includes("email") || shared.includes("phone"),
    same_payout_account: shared.includes("payout_account"),
    same_device: shared.includes("device"),
    ring: isLinked && shared.length === 0,
    velocity: signUpsInDay > velocityPerDay,
  };
  const names = Object.keys(broken) as FraudRule[];
  return names
    .filter((rule) => broken[rule] && rules[rule].isOn)
    .map((rule) => ({ rule, severity: rules[rule].severity }));
}
