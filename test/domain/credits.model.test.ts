import { expect, test } from "vitest";

import { splitOverGrants, sumOf } from "../../domain/credit/ledger.ts";
import type { CreditEntry, CreditGrant } from "../../domain/credit/ledger.ts";
import type { GrantId } from "../../domain/id.ts";
import { CreditBook, creditCommand } from "../support/credit-book.ts";
import { fc, runs } from "../support/properties.ts";

const commands = fc.array(creditCommand, { maxLength: 40, size: "max" });

function sums(entries: readonly CreditEntry[], keyOf: (entry: CreditEntry) => string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const entry of entries) sums.set(keyOf(entry), (sums.get(keyOf(entry)) ?? 0) + entry.credits);
  return sums;
}

/** What must hold after a command, by rules written anew; thousands of runs leave no time for an `expect` each. */
function findWrong(book: CreditBook, since: number): string[] {
  const uneven = book.transactions
    .slice(since)
    .filter((entries) => [...sums(entries, ({ grantId }) => grantId).values()].some((sum) => sum !== 0));
  const negative = book.grants.filter(({ available, reserved }) => available < 0 || reserved < 0);
  return [...uneven.map(() => "a transaction does not sum to zero"), ...negative.map(() => "below zero")];
}

function findWrongAtEnd(book: CreditBook): string[] {
  const lines = book.transactions.flat();
  const places = [...sums(lines, ({ grantId, account }) => `${grantId} ${account}`)];
  const negative = places.filter(([place, sum]) => sum < 0 && !place.endsWith("issued"));
  const used = sums(lines, ({ account }) => account).get("used") ?? 0;
  const turns = [...book.turns.values()];
  const charged = turns.reduce((sum, turn) => sum + turn.charged, 0);
  return [
    ...negative.map(([place]) => `${place} is below zero`),
    ...(used === charged ? [] : [`used ${used}, charged ${charged}`]),
    ...turns.filter(({ parts, charged }) => charged > sumOf(parts)).map(() => "charged more than reserved"),
  ];
}

test("whatever is granted, reserved, settled, taken back or expires, in whatever order, every transaction sums to zero, nothing falls below zero, and a turn is charged at most once and what it reserved", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(commands, (commands) => {
      const book = new CreditBook();
      const wrong = commands.flatMap((command) => {
        const since = book.transactions.length;
        seen.add(`${command.do}: ${book.carryOut(command).replace(/ .*/, "")}`);
        return findWrong(book, since);
      });
      expect([...wrong, ...findWrongAtEnd(book)]).toEqual([]);
    }),
    { numRuns: runs(3_000) },
  );
  expect([...seen].toSorted()).toEqual([
    "grant: granted",
    "lapse: done",
    "reserve: reserved",
    "reserve: short",
    "reserve: superseded",
    "reverse: nothing",
    "reverse: took",
    "settle: nothing",
    "settle: settled",
    "wait: done",
  ]);
});

const now = new Date("2026-03-01T00:00:00Z");
const inDays = (days: number) => new Date(now.getTime() + days * 24 * 3_600_000);

function grant(id: string, given: Partial<CreditGrant>): CreditGrant {
  return {
    id: id as GrantId,
    priority: 10,
    effectiveAt: inDays(-10),
    expiresAt: null,
    reversedAt: null,
    available: 5,
    reserved: 0,
    ...given,
  };
}

test("burns by priority, then what expires soonest, then the oldest", () => {
  const grants = [
    grant("no end, younger", { effectiveAt: inDays(-1) }),
    grant("later priority", { priority: 20, expiresAt: inDays(1) }),
    grant("no end, older", {}),
    grant("ends soon", { expiresAt: inDays(2) }),
    grant("ends late", { expiresAt: inDays(9) }),
  ];
  expect(splitOverGrants(grants, { credits: 22, now })).toEqual([
    { grantId: "ends soon", credits: 5 },
    { grantId: "ends late", credits: 5 },
    { grantId: "no end, older", credits: 5 },
    { grantId: "no end, younger", credits: 5 },
    { grantId: "later priority", credits: 2 },
  ]);
});

test("takes nothing of a grant that has expired, was taken back or has not begun", () => {
  const grants = [
    grant("expired", { expiresAt: now }),
    grant("taken back", { reversedAt: inDays(-1) }),
    grant("not begun", { effectiveAt: inDays(1) }),
  ];
  expect(splitOverGrants(grants, { credits: 1, now })).toEqual([]);
});
