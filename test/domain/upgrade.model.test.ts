import { expect, test } from "vitest";

import { defaultUpgradeTimings } from "../../domain/subscription/timings.ts";
import {
  canMoveUpgrade,
  isOpenUpgrade,
  judgeMoney,
  nextUpgradeDeadline,
  purgeDueAt,
  upgradeTransitions,
} from "../../domain/subscription/upgrade.ts";
import type { UpgradeStanding, UpgradeState } from "../../domain/subscription/upgrade.ts";
import { fc, runs } from "../support/properties.ts";

const states = Object.keys(upgradeTransitions) as UpgradeState[];
const timings = defaultUpgradeTimings;
const asked: UpgradeStanding = {
  state: "draft",
  moneyCameAt: null,
  evidenceDueAt: new Date(timings.evidenceDueMs),
  submittedAt: null,
  remindedAt: null,
  escalatedAt: null,
  purgeDueAt: null,
  purgedAt: null,
  timings,
};

/** As the activities change the row. */
function moved(standing: UpgradeStanding, to: UpgradeState, now: Date): UpgradeStanding {
  if (to === "submitted") {
    return {
      ...standing,
      state: to,
      submittedAt: now,
      evidenceDueAt: null,
      remindedAt: null,
      escalatedAt: null,
    };
  }
  if (to === "asked_again") {
    return { ...standing, state: to, evidenceDueAt: new Date(now.getTime() + timings.evidenceDueMs) };
  }
  return { ...standing, state: to, purgeDueAt: purgeDueAt(standing, now) };
}

test("whatever people do, a request always has a deadline, and each is met at most once before it ends", () => {
  const move = fc.record({
    to: fc.constantFrom(...states),
    waitMs: fc.integer({ min: 0, max: 10 * 86_400_000 }),
  });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
      let standing = asked;
      let now = new Date(0);
      for (const { to, waitMs } of moves) {
        now = new Date(now.getTime() + waitMs);
        if (canMoveUpgrade(standing.state, to)) standing = moved(standing, to, now);
        expect(nextUpgradeDeadline(standing)).not.toBeNull();
      }
      const met: string[] = [];
      for (let next = nextUpgradeDeadline(standing); next !== null; next = nextUpgradeDeadline(standing)) {
        met.push(next.deadline);
        expect(met.length).toBeLessThanOrEqual(4);
        standing = meet(standing, next);
      }
      expect(new Set(met).size).toBe(met.length);
      expect(met.at(-1)).toBe("purgeUpgradeEvidence");
    }),
    { numRuns: runs(300) },
  );
});

function meet(
  standing: UpgradeStanding,
  { deadline, at }: NonNullable<ReturnType<typeof nextUpgradeDeadline>>,
): UpgradeStanding {
  switch (deadline) {
    case "bookUpgradeMoney":
      return { ...standing, moneyCameAt: null };
    case "remindOfUpgrade":
      return { ...standing, remindedAt: at };
    case "escalateUpgrade":
      return { ...standing, escalatedAt: at };
    case "lapseUpgrade":
      return moved(standing, "lapsed", at);
    case "purgeUpgradeEvidence":
      return { ...standing, purgedAt: at };
  }
}

test("what has ended stays as it ended", () => {
  for (const state of states.filter((state) => !isOpenUpgrade(state)))
    expect(states.filter((to) => canMoveUpgrade(state, to))).toEqual([]);
});

test("money that a provider told of comes before every deadline, also of what has ended", () => {
  for (const state of states) {
    const standing = { ...asked, state, purgedAt: new Date(0), moneyCameAt: new Date(5) };
    expect(nextUpgradeDeadline(standing)).toEqual({ deadline: "bookUpgradeMoney", at: new Date(5) });
  }
});

test("the price exactly approves what is open, or lapsed with nothing after it; all other money is owed", () => {
  const facts = fc.record({
    state: fc.constantFrom(...states),
    priceMinor: fc.integer({ min: 1, max: 3 }),
    paidMinor: fc.integer({ min: 1, max: 3 }),
    hasLater: fc.boolean(),
  });
  fc.assert(
    fc.property(facts, ({ state, priceMinor, paidMinor, hasLater }) => {
      const judged = judgeMoney({ state, priceMinor, paidMinor, hasLater });
      const isAwaited = ["draft", "submitted", "asked_again"].includes(state);
      const buys = paidMinor === priceMinor && (isAwaited || (state === "lapsed" && !hasLater));
      expect(judged).toBe(buys ? "approve" : "owe");
    }),
    { numRuns: runs(300) },
  );
});

test("evidence that was handed in is kept for its time, and what never was goes at once", () => {
  const now = new Date(1_000);
  expect(purgeDueAt({ submittedAt: null, timings }, now)).toEqual(now);
  expect(purgeDueAt({ submittedAt: new Date(0), timings }, now)).toEqual(
    new Date(1_000 + timings.purgeAfterMs),
  );
});
