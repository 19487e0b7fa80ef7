import type { IncidentKind } from "./states.ts";
import type { AffectedData } from "./scope.ts";

/** Under whose law an authority is told. */
export const jurisdictions = ["MM", "ID", "EU"] as const;
export type Jurisdiction = (typeof jurisdictions)[number];

type Authority = {
  name: string;
  /** Within which it is to be told, and by which rule. */
  rule: string;
};

/**
 * Sources: Indonesia, Law 27/2022 Art. 46 (3 × 24 hours, in writing, to the person and the institution); EU, GDPR Art. 33
 * (72 hours, to the supervisory authority). Myanmar has no such law; the promise to people holds there.
 */
const authorities: Record<Jurisdiction, Authority> = {
  MM: {
    name: "No authority is named by law; keep this for the authority that asks.",
    rule: "Own promise: people are told within 72 hours of the discovery.",
  },
  ID: {
    name: "The institution for personal data protection (Lembaga PDP) and the affected people",
    rule: "Law 27/2022, Art. 46: in writing, within 3 × 24 hours.",
  },
  EU: {
    name: "The competent supervisory authority",
    rule: "GDPR, Art. 33: within 72 hours after having become aware of it.",
  },
};

export type IncidentFacts = {
  reference: string;
  kind: IncidentKind;
  isDrill: boolean;
  discoveredAt: Date;
  dueAt: Date;
  data: readonly AffectedData[];
  /** Null: they are not counted yet. */
  affected: { customers: number; accounts: number } | null;
  containment: readonly string[];
  notifiedAt: Date | null;
  contact: string | undefined;
  words: { whatHappened: string; likelyEffects: string; whatWasDone: string } | null;
};

const missing = "[to be written]";

/** A letter to the authority, filled with what the record says; a person reads, completes and sends it. */
export function authorityDraft(jurisdiction: Jurisdiction, facts: IncidentFacts): string {
  const { name, rule } = authorities[jurisdiction];
  const { affected, words } = facts;
  return [
    ...(facts.isDrill ? ["THIS IS A DRILL", ""] : []),
    `To: ${name}`,
    `Rule: ${rule}`,
    "",
    `Notification of a personal data breach, reference ${facts.reference}`,
    "",
    `Nature of the breach: ${facts.kind.replaceAll("_", " ")}`,
    `Discovered: ${facts.discoveredAt.toISOString()}`,
    `To be told by: ${facts.dueAt.toISOString()}`,
    `Categories of data: ${facts.data.length === 0 ? missing : facts.data.join(", ")}`,
    affected === null
      ? "People affected: not counted yet"
      : `People affected: ${affected.customers} customers of shops, ${affected.accounts} account holders`,
    `What happened: ${words?.whatHappened ?? missing}`,
    `Likely consequences: ${words?.likelyEffects ?? missing}`,
    `Measures: ${words?.whatWasDone ?? missing}`,
    `Taken at once: ${facts.containment.length === 0 ? "none recorded" : facts.containment.join(", ").replaceAll("_", " ")}`,
    facts.notifiedAt === null
      ? "The people concerned are not all told yet."
      : `The people concerned were told by ${facts.notifiedAt.toISOString()}.`,
    `Contact: ${facts.contact ?? missing}`,
  ].join("\n");
}
