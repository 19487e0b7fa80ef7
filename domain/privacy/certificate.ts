import { createHash } from "node:crypto";

import { canonicalJson } from "../canonical-json.ts";
import type { SubjectId } from "../id.ts";
import type { SubjectKind } from "../sealing.ts";
import type { DestroyedKey, RunEnd, StoreCount } from "./erasure.ts";
import type { RetentionClass } from "./retention-class.ts";

/** What is erased, what remains and why, and what was tried to prove it. Nothing in it is about a person. */
export type Certificate = {
  version: 1;
  id: string;
  requestId: string;
  /** A later one of the same request says more; the newest counts. */
  revision: number;
  shop: string;
  subject: { kind: SubjectKind; pseudonym: string };
  startedAt: string;
  fencedAt: string;
  /** Since then nothing of the product opens what was sealed under the destroyed keys. */
  unreadableSince: string;
  /** Since then no copy of a wrapped key on our media or in a backup opens either; null: pending. */
  finalSince: string | null;
  stores: { store: string; class: RetentionClass; found: number; removed: number }[];
  keys: DestroyedKey[];
  executions: { finished: number; terminated: number; deleted: number };
  /** Every process forgets a key within this time; the proof came after it. */
  keyCacheMs: number;
  proof: { sealedValuesTried: number; sealedValuesOpened: 0 };
  holds: { class: RetentionClass; basis: string; until: string | null }[];
  processors: readonly Processor[];
  issuedAt: string;
};

/** Who has had data of the person, what was done there, and how many days it may stay. */
export type Processor = {
  name: string;
  method: "expires" | "removed" | "own_copy";
  residualDays: number | null;
};

/**
 * The model provider keeps logs against abuse for up to 30 days unless zero retention is approved; Meta keeps its own copy
 * of the chat, which the person deletes there; pushes carry no data of a customer.
 */
export const processors = [
  { name: "model provider", method: "expires", residualDays: 30 },
  { name: "Meta Messenger", method: "own_copy", residualDays: null },
  { name: "push provider", method: "removed", residualDays: 0 },
] as const satisfies readonly Processor[];

/** Whoever has the salt, which only the requester is given, can see that the pseudonym is theirs. */
export function pseudonymOf(subjectId: SubjectId, salt: Buffer): string {
  return createHash("sha256").update(salt).update(subjectId, "utf8").digest("hex");
}

export type ErasureFacts = Omit<
  Certificate,
  "version" | "subject" | "stores" | "executions" | "unreadableSince" | "proof" | "processors"
> & {
  subjectId: SubjectId;
  kind: SubjectKind;
  salt: Buffer;
  plan: readonly StoreCount[];
  removed: Readonly<Record<string, number>>;
  runs: Readonly<Record<string, RunEnd>>;
  probedValues: number;
};

/** The text that is signed. Throws when no key was destroyed: then there is nothing to certify. */
export function certificateText(facts: ErasureFacts): string {
  const { subjectId, kind, salt, plan, removed, runs, probedValues, ...same } = facts;
  const ends = Object.values(runs);
  const terminated = ends.filter((end) => end === "terminated").length;
  const [first] = facts.keys.map(({ at }) => at).toSorted();
  if (first === undefined) throw new TypeError("an erasure without a destroyed key");
  const certificate: Certificate = {
    ...same,
    version: 1,
    subject: { kind, pseudonym: pseudonymOf(subjectId, salt) },
    unreadableSince: first,
    stores: plan.map(({ store, class: of, count }) => ({
      store,
      class: of,
      found: count,
      removed: removed[store] ?? 0,
    })),
    executions: { finished: ends.length - terminated, terminated, deleted: ends.length },
    proof: { sealedValuesTried: probedValues, sealedValuesOpened: 0 },
    processors,
  };
  return canonicalJson(certificate);
}
