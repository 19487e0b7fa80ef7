import { linkAfter } from "./chain.ts";
import type { AuditEntry, Head, Link } from "./chain.ts";

/** Why a chain does not hold. */
export type BreakReason =
  /** The entry says something else than when it was linked. */
  | "changed"
  /** Numbers are missing before it. */
  | "removed"
  /** Another entry stood before it. */
  | "reordered"
  /** The log ends before its own head, or before one that was written down outside. */
  | "truncated"
  /** The log's own head is none of its links. */
  | "head_differs"
  /** The link was another one when it was written down outside. */
  | "rewritten"
  /** Entries were cut off that had to stay. */
  | "cut_early";

/** The first place where a log does not hold. */
export type Break = { sequence: number; eventId: string | null; reason: BreakReason };

/** A head that was written down outside; `lastAt` is the time of its entry. */
export type KnownHead = Head & { lastAt: Date };

export type LinkedEntry = AuditEntry & Link;

/** The row of a log: its head, and the anchor that stands for what was cut off. */
export type Chain = { head: Head; anchor: Head };

/** Walks through one log from its anchor on; the first break ends the walk. */
export class ChainWalk {
  private last: Head;
  private readonly chain: Chain;
  private readonly known: ReadonlyMap<number, Buffer>;
  private readonly lastKnown: number;
  private readonly cutEarly: KnownHead | undefined;

  constructor(chain: Chain, { known, keptSince }: { known: readonly KnownHead[]; keptSince: Date }) {
    this.chain = chain;
    this.last = chain.anchor;
    this.known = new Map(known.map(({ sequence, hash }) => [sequence, hash]));
    this.lastKnown = Math.max(0, ...this.known.keys());
    this.cutEarly = known.find(
      ({ sequence, lastAt }) => sequence <= chain.anchor.sequence && lastAt >= keptSince,
    );
  }

  /** How far it came. */
  get sequence(): number {
    return this.last.sequence;
  }

  begin(): Break | undefined {
    const { anchor } = this.chain;
    if (this.cutEarly !== undefined)
      return { sequence: this.cutEarly.sequence, eventId: null, reason: "cut_early" };
    return this.isRewritten(anchor) ? { ...at(anchor), reason: "rewritten" } : undefined;
  }

  step(entry: LinkedEntry): Break | undefined {
    const broken = (reason: BreakReason): Break => ({
      sequence: entry.sequence,
      eventId: entry.id,
      reason,
    });
    const expected = linkAfter(this.last, entry);
    if (entry.sequence !== expected.sequence) return broken("removed");
    if (!entry.previousHash.equals(expected.previousHash)) return broken("reordered");
    if (!entry.hash.equals(expected.hash)) return broken("changed");
    if (this.isRewritten(entry)) return broken("rewritten");
    this.last = { sequence: entry.sequence, hash: entry.hash };
    return undefined;
  }

  end(): Break | undefined {
    const { head } = this.chain;
    const next = { sequence: this.last.sequence + 1, eventId: null };
    if (head.sequence > this.last.sequence || this.lastKnown > this.last.sequence)
      return { ...next, reason: "truncated" };
    return head.hash.equals(this.last.hash) ? undefined : { ...at(head), reason: "head_differs" };
  }

  private isRewritten({ sequence, hash }: Head): boolean {
    return this.known.get(sequence)?.equals(hash) === false;
  }
}

function at({ sequence }: Head): Omit<Break, "reason"> {
  return { sequence, eventId: null };
}
