import { describe, expect, test } from "vitest";

import { wholeDaysBetween } from "../../domain/subscription/calendar.ts";
import { periodWithout } from "../../domain/subscription/period-without.ts";
import { beginScheduled, settlePurchase } from "../../domain/subscription/scheduled-plan.ts";
import type { ScheduledPlan, Standing } from "../../domain/subscription/scheduled-plan.ts";
import type { PaidPeriod, Purchase } from "../../domain/subscription/subscription.ts";
import { hasRoom } from "../../domain/subscription/plan-room.ts";
import { fc, runs } from "../support/properties.ts";

const timeZone = "Asia/Yangon";
const now = new Date("2027-04-01T05:00:00Z");
const starter: Purchase = { planCode: "starter", periodMonths: 1, priceMinor: 30_000 };
const growth: Purchase = { planCode: "growth", periodMonths: 1, priceMinor: 90_000 };
const business: Purchase = { planCode: "business", periodMonths: 1, priceMinor: 300_000 };
const running: PaidPeriod = {
  planCode: "growth",
  startsAt: new Date("2027-03-17T05:00:00Z"),
  endsAt: new Date("2027-04-16T05:00:00Z"),
  worthMinor: 90_000,
};
const wished: ScheduledPlan = { planCode: "starter", paidMonths: 0, worthMinor: 0 };

describe("a plan for the end of what runs", () => {
  const settle = (purchase: Purchase, standing: Partial<Standing> = {}) =>
    settlePurchase(purchase, { running, scheduled: wished, now, timeZone, ...standing });

  test("waits with its payments until then, and shortens nothing of what was paid", () => {
    const paid = { planCode: "starter", paidMonths: 1, worthMinor: 30_000 };
    expect(settle(starter)).toEqual({ kind: "waits", scheduled: paid });
    const twice = { ...paid, paidMonths: 2, worthMinor: 60_000 };
    expect(settle(starter, { scheduled: paid })).toEqual({ kind: "waits", scheduled: twice });
    expect(beginScheduled(twice, running.endsAt, timeZone)).toEqual({
      planCode: "starter",
      startsAt: running.endsAt,
      endsAt: new Date("2027-06-16T05:00:00Z"),
      worthMinor: 60_000,
    });
  });

  test("stays after a renewal of what runs, and moves with its end", () => {
    expect(settle(growth)).toMatchObject({
      kind: "begins",
      period: { endsAt: new Date("2027-05-16T05:00:00Z"), worthMinor: 180_000 },
      scheduled: wished,
      keptMinor: 90_000,
    });
  });

  test("is forgotten when a third plan is taken instead, unless it is paid for", () => {
    const paid = { planCode: "starter", paidMonths: 1, worthMinor: 30_000 };
    expect(settle(business)).toMatchObject({ kind: "begins", scheduled: null, keptMinor: 45_000 });
    expect(settle(business, { scheduled: paid })).toMatchObject({ kind: "begins", scheduled: paid });
  });

  test("begins with its payment when what ran is over", () => {
    const over = { ...running, endsAt: now };
    const begun = { kind: "begins", period: { planCode: "starter", startsAt: now }, scheduled: null };
    expect(settle(starter, { running: over })).toMatchObject({ ...begun, keptMinor: 0 });
  });
});

describe("a payment that was given back", () => {
  const without = (period: PaidPeriod, worthMinor: number) =>
    periodWithout(period, { worthMinor, now, timeZone });

  test("takes its days from the end; a period that only it has paid for ends now", () => {
    expect(without(running, 90_000)).toEqual({ ...running, endsAt: now, worthMinor: 0 });
    const renewed = { ...running, endsAt: new Date("2027-05-16T05:00:00Z"), worthMinor: 180_000 };
    expect(without(renewed, 90_000)).toEqual({ ...running, worthMinor: 90_000 });
  });

  test("takes of a plan that came later only what it is still worth there", () => {
    // 45,000 of the 90,000 were kept, which are 5 of 35 days.
    const later = {
      planCode: "business",
      startsAt: now,
      endsAt: new Date("2027-05-06T05:00:00Z"),
      worthMinor: 315_000,
    };
    expect(without(later, 45_000).endsAt).toEqual(new Date("2027-05-01T05:00:00Z"));
  });

  test("asks no days back of what is over", () => {
    const over = { ...running, endsAt: new Date("2027-03-31T05:00:00Z") };
    expect(without(over, 90_000).endsAt).toEqual(over.endsAt);
  });
});

type Payment = { priceMinor: number; worthMinor: number; months: number };
type World = Standing & { payments: Payment[]; at: Date };

/** As `applyPlanPayment`, `endRunningPeriod` and `reversePlanPayment` change the rows. */
function pay(world: World, purchase: Purchase): World {
  const settled = settlePurchase(purchase, { ...world, now: world.at, timeZone });
  const { priceMinor, periodMonths } = purchase;
  if (settled.kind === "waits") {
    const payments = [...world.payments, { priceMinor, worthMinor: 0, months: periodMonths }];
    return { ...world, scheduled: settled.scheduled, payments };
  }
  const before = world.running?.worthMinor ?? 0;
  const { keptMinor, period, scheduled } = settled;
  const carried = world.payments.map((payment) => ({
    ...payment,
    worthMinor: before === 0 ? 0 : Math.floor((payment.worthMinor * keptMinor) / before),
  }));
  const payments = [...carried, { priceMinor, worthMinor: priceMinor, months: 0 }];
  return { ...world, running: period, scheduled, payments };
}

function passTime(world: World, days: number): World {
  const at = new Date(world.at.getTime() + days * 86_400_000);
  const { running, scheduled, payments } = world;
  if (running === null || running.endsAt > at || scheduled === null) return { ...world, at };
  if (scheduled.paidMonths === 0) return { ...world, at, scheduled: null };
  return {
    at,
    running: beginScheduled(scheduled, running.endsAt, timeZone),
    scheduled: null,
    payments: payments.map((payment) => ({
      ...payment,
      worthMinor: payment.months > 0 ? payment.priceMinor : 0,
      months: 0,
    })),
  };
}

function reverse(world: World, index: number): World {
  const payment = world.payments[index % Math.max(1, world.payments.length)];
  if (payment === undefined) return world;
  const payments = world.payments.filter((other) => other !== payment);
  if (payment.months > 0 && world.scheduled) {
    const { scheduled } = world;
    const left = {
      ...scheduled,
      paidMonths: scheduled.paidMonths - payment.months,
      worthMinor: scheduled.worthMinor - payment.priceMinor,
    };
    return { ...world, payments, scheduled: left };
  }
  if (world.running === null) return { ...world, payments };
  const { worthMinor } = payment;
  const running = periodWithout(world.running, { worthMinor, now: world.at, timeZone });
  return { ...world, payments, running };
}

test("whatever is paid, wished, waited for and given back: what runs is worth its payments, and nothing ends before now", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("pay" as const), purchase: fc.constantFrom(starter, growth, business) }),
    fc.record({ kind: fc.constant("wish" as const) }),
    fc.record({ kind: fc.constant("wait" as const), days: fc.integer({ min: 0, max: 45 }) }),
    fc.record({ kind: fc.constant("reverse" as const), index: fc.nat(20) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let world: World = { running: null, scheduled: null, payments: [], at: now };
      for (const one of steps) {
        const before = world;
        if (one.kind === "pay") world = pay(world, one.purchase);
        if (one.kind === "wait") world = passTime(world, one.days);
        if (one.kind === "reverse") world = reverse(world, one.index);
        const isRunning = world.running !== null && world.running.endsAt > world.at;
        if (
          one.kind === "wish" &&
          isRunning &&
          world.scheduled === null &&
          world.running?.planCode !== "starter"
        )
          world = { ...world, scheduled: wished };
        const worth = world.payments.reduce((sum, payment) => sum + payment.worthMinor, 0);
        const paid = world.payments.reduce((sum, payment) => sum + payment.priceMinor, 0);
        const { running } = world;
        if (running !== null) {
          expect(worth).toBeLessThanOrEqual(running.worthMinor);
          // Each change of plan may round each payment down.
          expect(running.worthMinor - worth).toBeLessThanOrEqual(steps.length ** 2);
          expect(worth).toBeLessThanOrEqual(paid);
        }
        expect(world.scheduled?.paidMonths ?? 0).toBeGreaterThanOrEqual(0);
        if (one.kind === "reverse" && before.running !== null && running !== null) {
          expect(running.endsAt <= before.running.endsAt).toBe(true);
          expect(
            running.endsAt >= world.at || running.endsAt.getTime() === before.running.endsAt.getTime(),
          ).toBe(true);
        }
      }
      while (world.payments.length > 0) world = reverse(world, 0);
      const { running } = world;
      // With all money gone only roundings are left of it.
      if (running !== null && running.endsAt > world.at)
        expect(wholeDaysBetween(world.at, running.endsAt)).toBeLessThanOrEqual(steps.length + 1);
      expect(world.scheduled?.worthMinor ?? 0).toBe(0);
    }),
    { numRuns: runs(300) },
  );
});

test("a plan has room below its limit, always without one, and what is above it stays without room", () => {
  const limits = { products: 20, pages: 1, staff: null };
  expect([19, 20, 30].map((count) => hasRoom(limits, "products", count))).toEqual([true, false, false]);
  expect(hasRoom(limits, "staff", 1_000)).toBe(true);
});
