import { purposesOf } from "../sealing.ts";
import type { Purpose, SubjectKind } from "../sealing.ts";
import { retentionRules } from "./retention-class.ts";
import type { RetentionClass } from "./retention-class.ts";

/**
 * How far an erasure is. `planned`: counted; `fenced`: nothing new is written, sent or asked for the person; `closed`: their
 * processes were ended; `cleared`: Temporal keeps none of their runs; `unreadable`: the keys are destroyed; `proven`: no
 * sealed value opens; `removed`: rows and objects are gone; `certified`.
 */
export type ErasureStage =
  | "planned"
  | "fenced"
  | "closed"
  | "cleared"
  | "unreadable"
  | "proven"
  | "removed"
  | "certified";

/** One way, each step once; a hold that has ended begins another leg, for what it kept. */
const nextStage: Record<ErasureStage, ErasureStage> = {
  planned: "fenced",
  fenced: "closed",
  closed: "cleared",
  cleared: "unreadable",
  unreadable: "proven",
  proven: "removed",
  removed: "certified",
  certified: "closed",
};

export function leadsTo(from: ErasureStage, to: ErasureStage): boolean {
  return nextStage[from] === to;
}

/** Rows of one store that belong to the person, and of which class they are. */
export type StoreCount = { store: string; class: RetentionClass; count: number };

/** A run of a workflow was over, or had to be ended, when Temporal was asked to delete it. */
export type RunEnd = "finished" | "terminated";

export type DestroyedKey = { keyId: string; purpose: Purpose; epoch: number; at: string };

/** What must be known of a hold to know what it keeps. */
export type HoldFacts = { purpose: "chat" | "order" | "finance"; endedAt: Date | null };

/** The purposes whose keys go now: all but those of a hold that is open. */
export function purposesToDestroy(kind: SubjectKind, holds: readonly HoldFacts[]): Purpose[] {
  const held = new Set<Purpose>(
    holds.filter(({ endedAt }) => endedAt === null).map(({ purpose }) => purpose),
  );
  return purposesOf[kind].filter((purpose) => !held.has(purpose));
}

/** Until when the books of a payment are kept. */
export function keptUntil(paidAt: Date): Date {
  const { defaultDays: days } = retentionRules["order.finance"];
  if (days === null) throw new TypeError("books are kept for a time");
  return new Date(paidAt.getTime() + days * 24 * 60 * 60_000);
}

/** Keys are destroyed for good when the epochs under which they were wrapped are. */
export function goneForGoodAt(
  keys: readonly Pick<DestroyedKey, "epoch">[],
  destroyedEpochs: ReadonlyMap<number, Date>,
): Date | null {
  const times = keys.map(({ epoch }) => destroyedEpochs.get(epoch)?.getTime() ?? Number.POSITIVE_INFINITY);
  const last = Math.max(...times);
  return Number.isFinite(last) ? new Date(last) : null;
}
