import { describe, expect, test } from "vitest";

import {
  canMovePrivacy,
  isOpenPrivacy,
  limitOf,
  needsJudgement,
  nextPrivacyDeadline,
  privacyKinds,
  privacyStates,
  privacyTransitions,
  taskOf,
} from "../../domain/privacy/privacy-request.ts";
import type { PrivacyStanding, PrivacyState } from "../../domain/privacy/privacy-request.ts";
import { startPrivacyClock } from "../../domain/privacy/due-date.ts";
import { fc, runs } from "../support/properties.ts";

const day = 86_400_000;
const received = new Date("2026-12-01T00:00:00Z");

function asked(kind: PrivacyStanding["kind"], state: PrivacyState = "received"): PrivacyStanding {
  const { timings, dueAt } = startPrivacyClock(received, { country: "MM" });
  const none = { actAt: null, remindersDone: 0, alarmedAt: null, isTellingDue: false };
  return { ...none, kind, state, receivedAt: received, dueAt, timings };
}

/** As the activities change the row. */
function moved(standing: PrivacyStanding, to: PrivacyState, now: Date): PrivacyStanding {
  const actAt = to === "waiting" ? new Date(now.getTime() + standing.timings.cancelWindowMs) : null;
  const isTellingDue =
    to === "verified" || to === "denied" || (to === "finalising" && standing.kind !== "deletion");
  return { ...standing, state: to, actAt, isTellingDue };
}

function meet(
  standing: PrivacyStanding,
  { deadline, at }: NonNullable<ReturnType<typeof nextPrivacyDeadline>>,
) {
  switch (deadline) {
    case "tellPrivacyPerson":
      return { ...standing, isTellingDue: false };
    case "lapsePrivacyRequest":
      return moved(standing, "lapsed", at);
    case "routePrivacyRequest":
      return moved(standing, standing.kind === "deletion" ? "waiting" : "with_owner", at);
    case "beginPrivacyRequest":
      return moved(standing, taskOf(standing.kind) === null ? "finalising" : "in_progress", at);
    case "remindOfPrivacyRequest":
      return { ...standing, remindersDone: standing.remindersDone + 1 };
    case "raisePrivacyAlarm":
      return { ...standing, alarmedAt: at };
    case "closePrivacyRequest":
      return moved(standing, "completed", at);
  }
}

test("whatever people do, every deadline leads on, each reminder and the alarm come once, and an end has none", () => {
  const move = fc.record({
    to: fc.constantFrom(...privacyStates),
    waitMs: fc.integer({ min: 0, max: 12 * day }),
  });
  fc.assert(
    fc.property(fc.constantFrom(...privacyKinds), fc.array(move, { maxLength: 12 }), (kind, moves) => {
      let standing = asked(kind);
      let now = received;
      for (const { to, waitMs } of moves) {
        now = new Date(now.getTime() + waitMs);
        if (canMovePrivacy(standing.state, to)) standing = moved(standing, to, now);
      }
      const met: string[] = [];
      for (let next = nextPrivacyDeadline(standing); next !== null; next = nextPrivacyDeadline(standing)) {
        met.push(next.deadline);
        expect(met.length).toBeLessThan(12);
        standing = meet(standing, next);
      }
      const alarms = met.filter((deadline) => deadline === "raisePrivacyAlarm").length;
      const reminders = met.filter((deadline) => deadline === "remindOfPrivacyRequest").length;
      expect(alarms).toBeLessThanOrEqual(1);
      expect(reminders).toBeLessThanOrEqual(3);
      // What waits without a deadline is work under way, or a correction that somebody must judge, after the alarm.
      if (isOpenPrivacy(standing.state)) {
        expect(["in_progress", "with_owner"]).toContain(standing.state);
        expect(standing.alarmedAt).not.toBeNull();
      }
    }),
    { numRuns: runs(400) },
  );
});

test("an end is an end, a deletion that is carried out does not come back, and completing goes through the answer", () => {
  for (const state of privacyStates) {
    expect(privacyTransitions[state].length === 0, state).toBe(!isOpenPrivacy(state));
  }
  expect(privacyTransitions.in_progress).toEqual(["finalising"]);
  const toCompleted = privacyStates.filter((state) => canMovePrivacy(state, "completed"));
  expect(toCompleted).toEqual(["finalising"]);
});

describe("a shop that does not answer", () => {
  const silent = (kind: PrivacyStanding["kind"]) =>
    nextPrivacyDeadline({ ...asked(kind, "with_owner"), remindersDone: 1 });

  test("is no longer waited for on day 20", () => {
    expect(silent("access")).toEqual({
      deadline: "beginPrivacyRequest",
      at: new Date(received.getTime() + 20 * day),
    });
  });

  test("is reminded instead where only a person knows what is right", () => {
    expect(silent("correction")).toEqual({
      deadline: "remindOfPrivacyRequest",
      at: new Date(received.getTime() + 20 * day),
    });
  });
});

test("use stops with the acceptance where that is asked, and nowhere else", () => {
  const limits = privacyKinds.map((kind) => [kind, limitOf({ kind, objectsTo: null })]);
  expect(Object.fromEntries(limits)).toEqual({
    access: null,
    portability: null,
    correction: null,
    deletion: "restricted",
    restriction: "restricted",
    objection: "no_ai",
  });
});

test("a person judges what is corrected, and what came to the platform about a shop's customer", () => {
  const ask = (
    kind: PrivacyStanding["kind"],
    door: "chat" | "compliance",
    subjectKind: "customer" | "account",
  ) => needsJudgement({ kind, door, subjectKind });
  expect(ask("correction", "chat", "customer")).toBe(true);
  expect(ask("deletion", "compliance", "customer")).toBe(true);
  expect(ask("deletion", "compliance", "account")).toBe(false);
  expect(ask("deletion", "chat", "customer")).toBe(false);
});
