import { expect, test } from "vitest";

import { findObstacle, isSuspendedForGood, nextPayoutStates } from "../../domain/payout/states.ts";
import type { PayoutState } from "../../domain/payout/states.ts";

const now = new Date("2026-11-30T00:00:00Z");
const clear = {
  isSuspended: false,
  isFinal: false,
  hasOpenFlag: false,
  account: { version: 3, usableFrom: now },
  proposedVersion: 3,
};

test.each([
  ["nothing", {}, null],
  ["a closed participation", { isFinal: true }, null],
  ["a first proposal", { proposedVersion: null }, null],
  ["an open flag", { hasOpenFlag: true }, "fraud_flag"],
  ["a suspension", { isSuspended: true }, "suspended"],
  ["no account", { account: null }, "no_account"],
  ["another account than was proposed", { proposedVersion: 2 }, "account_changed"],
  [
    "an account that cools down",
    { account: { version: 3, usableFrom: new Date(now.getTime() + 1) } },
    "account_cooling",
  ],
])("%s stands in the way as it should", (_, change, obstacle) => {
  expect(findObstacle({ ...clear, ...change }, now)).toBe(obstacle);
});

test("a payout is given up for a suspension that nobody can lift, and for nothing else", () => {
  const isGivenUp = (isSuspended: boolean, isFinal: boolean) =>
    isSuspendedForGood({ ...clear, isSuspended, isFinal });
  expect(isGivenUp(true, true)).toBe(true);
  expect([isGivenUp(true, false), isGivenUp(false, true)]).toEqual([false, false]);
});

test("no way leads to the money past a proposal and an approval", () => {
  const without = (skipped: PayoutState) => {
    const reached = new Set<PayoutState>(["tallied"]);
    for (const state of reached) {
      for (const next of nextPayoutStates[state]) if (next !== skipped) reached.add(next);
    }
    return reached;
  };
  for (const skipped of ["proposed", "approved", "executing"] as const) {
    expect(without(skipped).has("paid")).toBe(false);
  }
  expect(without("held")).toEqual(
    new Set(["tallied", "proposed", "approved", "executing", "paid", "failed", "cancelled"]),
  );
});

test("what may be on its way is neither cancelled nor tried again before it is known", () => {
  expect(nextPayoutStates.executing).toEqual(["paid", "failed"]);
  expect(nextPayoutStates.paid).toEqual([]);
});
