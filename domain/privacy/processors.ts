import type { DataPurpose } from "./data-purpose.ts";

/** By what data may leave the country of the person it is about. `same_country`: it does not. */
export const transferMechanisms = [
  "adequacy",
  "standard_clauses",
  "binding_rules",
  "consent",
  "same_country",
] as const;
export type TransferMechanism = (typeof transferMechanisms)[number];

export type ProcessorName = "meta" | "model" | "push" | "mail" | "kbzpay" | "traces";

type ProcessorFacts = {
  /** What it does for us, in a few words for whoever reads the register. */
  does: string;
  purposes: readonly DataPurpose[];
  /** For how many days it may hold what we had removed; null: it is told with the removal, or keeps nothing. */
  residualDays: number | null;
};

/** Everyone outside who gets data from us, by what they do: a closed list. Nobody buys data, and no purpose is a sale. */
export const processorFacts: Record<ProcessorName, ProcessorFacts> = {
  meta: {
    does: "Carries messages between a shop and its customers",
    purposes: ["conversation", "order", "payment", "follow_up", "marketing"],
    residualDays: null,
  },
  model: {
    does: "Words the answers of the agent and reads payment slips",
    purposes: ["conversation", "order", "payment"],
    residualDays: 30, // its logs against abuse, unless it has agreed to keep none
  },
  push: { does: "Brings notices to telephones of owners", purposes: ["notices"], residualDays: 28 },
  mail: {
    does: "Delivers mails to accounts",
    purposes: ["account", "notices", "security", "privacy_rights"],
    residualDays: 30,
  },
  kbzpay: { does: "Takes payments by code", purposes: ["payment", "billing"], residualDays: null },
  traces: { does: "Shows operators where time is spent", purposes: ["security"], residualDays: 30 },
};

export const processorNames = Object.keys(processorFacts) as ProcessorName[]; // the record has no others

/** What was agreed with a processor. Days are calendar days, in UTC. */
export type ProcessorTerms = {
  provider: string;
  /** Country or region where it works on the data. */
  region: string;
  transfer: TransferMechanism | null;
  agreedOn: string | null;
  /** The last day on which it holds; null: until it is ended. */
  endsOn: string | null;
};

export type Processor = {
  name: ProcessorName;
  /** The first is the main one. `graph.facebook.com`, with a port where it is not the usual one; `.fbcdn.net`: all below it too. */
  hosts: readonly string[];
  /** `off`: switched off by the platform; null: nothing was agreed. */
  terms: ProcessorTerms | "off" | null;
};

/** Why nothing goes to a host. */
export const egressRefusals = [
  "unknown_host",
  "switched_off",
  "no_agreement",
  "agreement_expired",
  "no_transfer_mechanism",
] as const;
export type EgressRefusal = (typeof egressRefusals)[number];

/** Whether something may go to the host in the name of the processor; null: yes. */
export function judgeEgress(
  register: readonly Processor[],
  { name, host, now }: { name: ProcessorName; host: string; now: Date },
): EgressRefusal | null {
  const processor = register.find((entry) => entry.name === name);
  if (processor === undefined || !processor.hosts.some((known) => covers(known, host))) return "unknown_host";
  return judgeTerms(processor.terms, { isOnThisMachine: isLoopback(host), now });
}

/** What stays on this machine is told to nobody: simulators and servers of one's own there need no agreement. */
function judgeTerms(
  terms: Processor["terms"],
  { isOnThisMachine, now }: { isOnThisMachine: boolean; now: Date },
): EgressRefusal | null {
  if (terms === "off") return "switched_off";
  if (terms === null) return isOnThisMachine ? null : "no_agreement";
  const today = now.toISOString().slice(0, 10);
  if (terms.agreedOn === null || terms.agreedOn > today) return "no_agreement";
  if (terms.endsOn !== null && terms.endsOn < today) return "agreement_expired";
  return terms.transfer === null ? "no_transfer_mechanism" : null;
}

/** Whether the processor may be used now, as its register entry shows it. */
export function processorState(processor: Processor, now: Date): "active" | EgressRefusal {
  const isOnThisMachine = isLoopback(processor.hosts[0] ?? "");
  return judgeTerms(processor.terms, { isOnThisMachine, now }) ?? "active";
}

/** `host` or `host:port`; of this machine itself. */
export function isLoopback(host: string): boolean {
  return /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(host);
}

function covers(known: string, host: string): boolean {
  return known.startsWith(".") ? host === known.slice(1) || host.endsWith(known) : host === known;
}
