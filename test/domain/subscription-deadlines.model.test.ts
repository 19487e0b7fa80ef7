import { expect, test } from "vitest";

import {
  nextReminder,
  nextSubscriptionDeadline,
  nextSubscriptionState,
  subscriptionTransitions,
} from "../../domain/subscription/next-subscription-deadline.ts";
import type { SubscriptionStanding } from "../../domain/subscription/next-subscription-deadline.ts";
import { serviceOf, statesWith } from "../../domain/subscription/service-of.ts";
import type { SubscriptionState } from "../../domain/subscription/subscription.ts";
import { defaultSubscriptionTimings } from "../../domain/subscription/timings.ts";
import { fc, runs } from "../support/properties.ts";

const day = 86_400_000;
const timings = defaultSubscriptionTimings;
const at = (days: number) => new Date(days * day);
const trial: SubscriptionStanding = {
  state: "trial",
  stateSince: at(0),
  endsAt: at(30),
  remindedBeforeMs: null,
  isPaidBeyond: false,
  timings,
};

const nextState: Partial<Record<string, SubscriptionState>> = {
  endPeriod: "grace",
  limitService: "limited",
  suspendService: "suspended",
};

/** As the activities change the row when a deadline is met at that moment. */
function met(standing: SubscriptionStanding, deadline: string, now: Date): SubscriptionStanding {
  if (deadline === "remindOfEnd")
    return { ...standing, remindedBeforeMs: nextReminder(standing, now)?.beforeMs ?? null };
  const state = nextState[deadline];
  if (state === undefined) throw new TypeError(deadline);
  expect(subscriptionTransitions[standing.state] as readonly string[]).toContain(state);
  return { ...standing, state, stateSince: now };
}

/** What happens until then to whom nobody looks at before; what, and on which day. */
function live(
  from: SubscriptionStanding,
  now: Date,
): { standing: SubscriptionStanding; told: [string, number][] } {
  const told: [string, number][] = [];
  let standing = from;
  for (;;) {
    const next = nextSubscriptionDeadline(standing, now);
    if (next === null || next.at > now) return { standing, told };
    told.push([next.deadline, now.getTime() / day]);
    standing = met(standing, next.deadline, now);
  }
}

test("is reminded 7, 3 and 1 days before the end, then comes grace, then less, then silence", () => {
  const days: [string, number][] = [];
  let standing = trial;
  for (let hour = 0; hour < 24 * 90; hour += 1) {
    const { told, ...after } = live(standing, new Date(hour * 3_600_000));
    days.push(...told);
    standing = after.standing;
  }
  expect(days).toEqual([
    ["remindOfEnd", 23],
    ["remindOfEnd", 27],
    ["remindOfEnd", 29],
    ["endPeriod", 30],
    ["limitService", 33],
    ["suspendService", 47],
  ]);
});

test("of reminders that are late only the nearest is told, and none once the end has come", () => {
  expect(live(trial, at(28)).standing.remindedBeforeMs).toBe(3 * day);
  expect(live(trial, at(28)).told).toHaveLength(1);
  expect(live(trial, at(31)).told.map(([what]) => what)).toEqual(["endPeriod"]);
});

test("an outage of ours takes nothing of grace away", () => {
  const { standing } = live(trial, at(60));
  expect(standing.state).toBe("grace");
  expect(nextSubscriptionDeadline(standing, at(60))).toEqual({ deadline: "limitService", at: at(63) });
});

test("nobody is reminded of an end beyond which is paid", () => {
  const paid = { ...trial, isPaidBeyond: true };
  expect(live(paid, at(29)).told).toEqual([]);
  expect(nextSubscriptionState(paid)).toBeNull();
});

test("whenever it is looked at and whenever somebody pays, no reminder comes twice for an end, and what is shown comes true", () => {
  const step = fc.record({ waitHours: fc.integer({ min: 0, max: 40 * 24 }), pays: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let standing = trial;
      let now = at(0);
      let reminded = new Set<number>();
      for (const { waitHours, pays } of steps) {
        now = new Date(now.getTime() + waitHours * 3_600_000);
        const shown = nextSubscriptionState(standing);
        for (;;) {
          const next = nextSubscriptionDeadline(standing, now);
          if (next === null || next.at > now) break;
          const before = standing.state;
          standing = met(standing, next.deadline, now);
          if (next.deadline === "remindOfEnd") {
            expect(reminded.has(standing.remindedBeforeMs ?? 0)).toBe(false);
            expect(standing.endsAt > now).toBe(true);
            reminded.add(standing.remindedBeforeMs ?? 0);
          } else if (before === "trial" || before === "active") {
            expect(shown).toEqual({ state: "grace", at: standing.endsAt });
          }
        }
        if (!pays) continue;
        const endsAt = new Date(Math.max(now.getTime(), standing.endsAt.getTime()) + 30 * day);
        standing = { ...standing, state: "active", stateSince: now, endsAt, remindedBeforeMs: null };
        reminded = new Set();
      }
      // Left alone it always comes to silence, and to nothing after it.
      for (let next = nextSubscriptionDeadline(standing, now); next !== null;) {
        now = next.at > now ? next.at : now;
        standing = met(standing, next.deadline, now);
        next = nextSubscriptionDeadline(standing, now);
      }
      expect(standing.state).toBe("suspended");
    }),
    { numRuns: runs(300) },
  );
});

test("the agent answers until grace is over, then says once that a person will, then nothing", () => {
  const states = Object.keys(subscriptionTransitions) as SubscriptionState[];
  expect(states.map((state) => serviceOf(state))).toEqual(["full", "full", "full", "fallback", "silent"]);
  expect(statesWith("fallback", "silent")).toEqual(["limited", "suspended"]);
});
