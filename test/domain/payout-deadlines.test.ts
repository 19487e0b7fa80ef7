import { describe, expect, test } from "vitest";

import { nextPayoutDeadline } from "../../domain/payout/deadlines.ts";
import type { PayoutWaits } from "../../domain/payout/deadlines.ts";
import { endsQuarter, periodBefore } from "../../domain/payout/period.ts";
import { nextPayoutStates } from "../../domain/payout/states.ts";
import type { PayoutState } from "../../domain/payout/states.ts";
import { defaultPayoutTimings } from "../../domain/payout/timings.ts";
import { fc } from "../support/properties.ts";

const since = new Date("2026-12-01T01:00:00Z");
const hours = (count: number) => new Date(since.getTime() + count * 3_600_000);
const waits = (change: Partial<PayoutWaits>): PayoutWaits => ({
  state: "tallied",
  hasNoticeDue: false,
  gatedAt: since,
  waitingSince: since,
  remindedAt: null,
  escalatedAt: null,
  timings: defaultPayoutTimings,
  ...change,
});

test.each<[string, Partial<PayoutWaits>, string, Date]>([
  ["looks at the gate at once when it is new", { gatedAt: null }, "gatePayout", since],
  ["looks again at what is held", { state: "held" }, "gatePayout", hours(6)],
  ["orders what is approved at once", { state: "approved" }, "executePayout", since],
  ["reminds of a proposal", {}, "remindOfPayout", hours(48)],
  ["escalates a proposal", { remindedAt: hours(48) }, "escalatePayout", hours(96)],
  ["reminds of an approval", { state: "proposed" }, "remindOfPayout", hours(24)],
  ["reminds of a record", { state: "executing" }, "remindOfPayout", hours(24)],
  ["reminds of a failure", { state: "failed" }, "remindOfPayout", hours(48)],
  [
    "escalates again and again for as long as it waits",
    { state: "executing", remindedAt: hours(24), escalatedAt: hours(72) },
    "escalatePayout",
    hours(96),
  ],
  ["tells of the end at once", { state: "paid", hasNoticeDue: true }, "tellParticipant", since],
  [
    "tells of a failure before anything else",
    { state: "failed", hasNoticeDue: true },
    "tellParticipant",
    since,
  ],
])("%s", (_what, change, deadline, at) => {
  expect(nextPayoutDeadline(waits(change))).toEqual({ deadline, at });
});

describe("whatever the marks say", () => {
  const when = fc.option(fc.date({ min: since, max: hours(1_000), noInvalidDate: true }));
  const anyWaits = fc
    .record({
      state: fc.constantFrom(...(Object.keys(nextPayoutStates) as PayoutState[])),
      hasNoticeDue: fc.boolean(),
      gatedAt: when,
      remindedAt: when,
      escalatedAt: when,
    })
    .map(waits);

  test("each wait has a deadline, and only what has ended and was told waits for nothing", () => {
    fc.assert(
      fc.property(anyWaits, (each) => {
        const hasEnded = each.state === "paid" || each.state === "cancelled";
        expect(nextPayoutDeadline(each) === null).toBe(hasEnded && !each.hasNoticeDue);
      }),
    );
  });
});

test.each([
  ["2026-12-01T01:00:00Z", "2026-11"],
  ["2026-12-31T23:59:59Z", "2026-11"],
  ["2027-01-01T00:00:00Z", "2026-12"],
])("a tally at %s is of %s", (now, period) => {
  expect(periodBefore(new Date(now))).toBe(period);
});

test("four months of a year end a quarter", () => {
  const months = Array.from({ length: 12 }, (_, index) => `2027-${String(index + 1).padStart(2, "0")}`);
  expect(months.filter(endsQuarter)).toEqual(["2027-03", "2027-06", "2027-09", "2027-12"]);
});
