import { isOver, issue, lapse, reserve, settle, splitOverGrants, sumOf } from "../../domain/credit/ledger.ts";
import type { CreditEntry, CreditGrant, CreditPart } from "../../domain/credit/ledger.ts";
import type { GrantId } from "../../domain/id.ts";
import { fc } from "./properties.ts";

export type CreditCommand =
  | { do: "grant"; credits: number; priority: number; days: number | null }
  | { do: "reserve"; turn: number; upperBound: number }
  | { do: "settle"; turn: number; credits: number }
  | { do: "reverse"; grant: number }
  | { do: "lapse" }
  | { do: "wait"; hours: number };

const turn = fc.nat(7);

export const creditCommand: fc.Arbitrary<CreditCommand> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("grant" as const),
      credits: fc.integer({ min: 1, max: 60 }),
      priority: fc.constantFrom(10, 20),
      days: fc.constantFrom(null, 1, 3),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("reserve" as const),
      turn,
      upperBound: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("settle" as const),
      turn,
      credits: fc.integer({ min: 0, max: 60 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reverse" as const), grant: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lapse" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), hours: fc.nat(30) }) },
);

type Turn = { parts: CreditPart[]; isOver: boolean; charged: number };

/** A shop's credits as the rules alone would keep them, every transaction written down. */
export class CreditBook {
  readonly grants: CreditGrant[] = [];
  readonly transactions: CreditEntry[][] = [];
  readonly turns = new Map<number, Turn>();
  now = new Date("2026-03-01T00:00:00Z");

  /** Answers what came of it, in a word. */
  carryOut(command: CreditCommand): string {
    // No two things happen at the same instant, so that the oldest grant is one.
    this.now = new Date(this.now.getTime() + 1_000);
    switch (command.do) {
      case "grant":
        return this.grant(command);
      case "reserve":
        return this.reserve(command);
      case "settle":
        return this.settle(command);
      case "reverse":
        return this.reverse(command.grant);
      case "lapse":
        this.lapse();
        return "done";
      case "wait":
        this.now = new Date(this.now.getTime() + command.hours * 3_600_000);
        return "done";
    }
  }

  private grant({ credits, priority, days }: CreditCommand & { do: "grant" }): string {
    const id = `grant ${String(this.grants.length).padStart(3, "0")}` as GrantId;
    const expiresAt = days === null ? null : new Date(this.now.getTime() + days * 24 * 3_600_000);
    const grant = {
      id,
      priority,
      effectiveAt: this.now,
      expiresAt,
      reversedAt: null,
      available: 0,
      reserved: 0,
    };
    this.grants.push(grant);
    this.post(issue({ grantId: id, credits }));
    return "granted";
  }

  private reserve({ turn, upperBound }: CreditCommand & { do: "reserve" }): string {
    const known = this.turns.get(turn);
    if (known && !known.isOver) return `reserved ${sumOf(known.parts)}`;
    const parts = splitOverGrants(this.grants, { credits: upperBound, now: this.now });
    if (known && parts.length > 0) return "superseded";
    this.lapse();
    if (parts.length === 0) return "short";
    this.turns.set(turn, { parts, isOver: false, charged: 0 });
    this.post(reserve(parts));
    return `reserved ${sumOf(parts)}`;
  }

  private settle({ turn, credits }: CreditCommand & { do: "settle" }): string {
    const known = this.turns.get(turn);
    if (!known || known.isOver) return "nothing";
    const charged = Math.min(credits, sumOf(known.parts));
    this.turns.set(turn, { ...known, isOver: true, charged });
    this.post(settle(known.parts, charged));
    return "settled";
  }

  private reverse(index: number): string {
    const grant = this.grants[index];
    if (!grant || grant.reversedAt !== null) return "nothing";
    grant.reversedAt = this.now;
    const taken = grant.available;
    this.post(lapse(grant));
    return `took ${taken}`;
  }

  private lapse(): void {
    for (const grant of this.grants) if (isOver(grant, this.now)) this.post(lapse(grant));
  }

  private post(entries: CreditEntry[]): void {
    if (entries.length > 0) this.transactions.push(entries);
    for (const { grantId, account, credits } of entries) {
      const grant = this.grants.find(({ id }) => id === grantId);
      if (grant && (account === "available" || account === "reserved")) grant[account] += credits;
    }
  }
}
