/** On which a purpose rests when nobody has set another. `consent`: it is refused without the person's own yes. */
export type LegalBasis = "contract" | "legal_obligation" | "legitimate_interest" | "consent";

/** Whether a shop's owner may name another basis for it, for the customers of the shop. */
type DataPurposeRule = { basis: LegalBasis; isOwners: boolean };

/**
 * For what personal data is used: a closed list. Each table of the data inventory and each process names those it serves;
 * selling is none of them.
 */
export const dataPurposes = {
  conversation: { basis: "contract", isOwners: true },
  order: { basis: "contract", isOwners: true },
  payment: { basis: "contract", isOwners: true },
  follow_up: { basis: "legitimate_interest", isOwners: true },
  marketing: { basis: "consent", isOwners: false },
  improvement: { basis: "consent", isOwners: false },
  analytics: { basis: "legitimate_interest", isOwners: true },
  account: { basis: "contract", isOwners: false },
  billing: { basis: "legal_obligation", isOwners: false },
  referral: { basis: "contract", isOwners: false },
  notices: { basis: "contract", isOwners: false },
  security: { basis: "legitimate_interest", isOwners: false },
  support: { basis: "contract", isOwners: false },
  privacy_rights: { basis: "legal_obligation", isOwners: false },
  legal_disclosure: { basis: "legal_obligation", isOwners: false },
} as const satisfies Record<string, DataPurposeRule>;

export type DataPurpose = keyof typeof dataPurposes;
