import { describe, expect, test } from "vitest";

import { wholeDaysBetween } from "../../domain/subscription/calendar.ts";
import { needsSecondApproval } from "../../domain/subscription/second-approval.ts";
import { periodAfter } from "../../domain/subscription/subscription.ts";
import type { PaidPeriod, Purchase } from "../../domain/subscription/subscription.ts";
import { fc, runs } from "../support/properties.ts";

const timeZone = "Asia/Yangon";
const now = new Date("2027-04-01T05:00:00Z");
const starter: Purchase = { planCode: "starter", periodMonths: 1, priceMinor: 30_000 };
const growth: Purchase = { planCode: "growth", periodMonths: 1, priceMinor: 90_000 };
const running: PaidPeriod = {
  planCode: "starter",
  startsAt: new Date("2027-03-17T05:00:00Z"),
  endsAt: new Date("2027-04-16T05:00:00Z"),
  worthMinor: 30_000,
};

describe("what a payment buys", () => {
  test("begins now when nothing was paid before, or when that is over", () => {
    const fresh = { startsAt: now, endsAt: new Date("2027-05-01T05:00:00Z"), worthMinor: 30_000 };
    expect(periodAfter(starter, { running: null, now, timeZone })).toMatchObject(fresh);
    const over = { ...running, endsAt: new Date("2027-03-31T05:00:00Z") };
    expect(periodAfter(starter, { running: over, now, timeZone })).toMatchObject(fresh);
  });

  test("goes on from the running end when the same plan is renewed early: no day is lost", () => {
    expect(periodAfter(starter, { running, now, timeZone })).toEqual({
      planCode: "starter",
      startsAt: running.startsAt,
      endsAt: new Date("2027-05-16T05:00:00Z"),
      worthMinor: 60_000,
    });
  });

  test("keeps the unused days of another plan by their worth", () => {
    // 15 of 30 days are left: 15,000 of 30,000; a day of the new plan costs 3,000.
    expect(periodAfter(growth, { running, now, timeZone })).toEqual({
      planCode: "growth",
      startsAt: now,
      endsAt: new Date("2027-05-06T05:00:00Z"),
      worthMinor: 105_000,
    });
  });
});

const purchases = fc.constantFrom(starter, growth, {
  planCode: "business",
  periodMonths: 3,
  priceMinor: 700_000,
});

test("no order of payments gives more days of a plan than were paid for, and no renewal loses any", () => {
  const step = fc.record({ purchase: purchases, afterDays: fc.integer({ min: 0, max: 120 }) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      let running: PaidPeriod | null = null;
      let paid = 0;
      let at = now;
      for (const { purchase, afterDays } of steps) {
        at = new Date(at.getTime() + afterDays * 86_400_000);
        const before: PaidPeriod | null = running;
        running = periodAfter(purchase, { running: before, now: at, timeZone });
        paid += purchase.priceMinor;
        expect(running.worthMinor).toBeGreaterThanOrEqual(purchase.priceMinor);
        expect(running.worthMinor).toBeLessThanOrEqual(paid);
        expect(running.endsAt.getTime()).toBeGreaterThan(at.getTime());
        // What is left from now on costs no less than a period of the plan does, day for day.
        const left = wholeDaysBetween(at, running.endsAt);
        expect(left * purchase.priceMinor).toBeLessThanOrEqual(
          running.worthMinor * 31 * purchase.periodMonths,
        );
        if (before?.planCode === purchase.planCode && before.endsAt > at)
          expect(running.endsAt.getTime()).toBeGreaterThan(before.endsAt.getTime());
      }
    }),
    { numRuns: runs(300) },
  );
});

test("two approvals are needed above the amount of the currency, and always where there is none", () => {
  const above = { MMK: 200_000 };
  expect(needsSecondApproval({ amountMinor: 200_000, currency: "MMK" }, above)).toBe(false);
  expect(needsSecondApproval({ amountMinor: 200_001, currency: "MMK" }, above)).toBe(true);
  expect(needsSecondApproval({ amountMinor: 1, currency: "USD" }, above)).toBe(true);
});
