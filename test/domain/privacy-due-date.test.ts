import { expect, test } from "vitest";

import { privacyProfiles, startPrivacyClock } from "../../domain/privacy/due-date.ts";
import { workingDaysAfter } from "../../domain/privacy/working-days.ts";
import { fc } from "../support/properties.ts";

const day = 86_400_000;
const at = new Date("2026-12-01T03:00:00Z");

test("a request is due in 30 days of 24 hours, and in three where Indonesian law applies", () => {
  expect(startPrivacyClock(at, { country: "MM" })).toMatchObject({
    profile: "calendar_days",
    targetAt: new Date(at.getTime() + 3 * day),
    dueAt: new Date(at.getTime() + 30 * day),
  });
  expect(startPrivacyClock(at, { country: "ID" })).toMatchObject({
    profile: "three_days",
    dueAt: new Date(at.getTime() + 3 * day),
  });
});

test("no profile, country or moment gives more than 30 days, and reminders come before the due date", () => {
  const moments = fc.date({ min: new Date("2026-01-01"), max: new Date("2031-12-31"), noInvalidDate: true });
  const countries = fc.constantFrom("MM", "ID", "TH", "");
  fc.assert(
    fc.property(moments, countries, fc.constantFrom(...privacyProfiles), (now, country, profile) => {
      const { dueAt, timings } = startPrivacyClock(now, { country, profile });
      const dueMs = dueAt.getTime() - now.getTime();
      expect(dueMs).toBeLessThanOrEqual(30 * day);
      expect(dueMs).toBeGreaterThanOrEqual(3 * day);
      expect(timings.ownerSilenceMs).toBeLessThan(30 * day);
      expect(timings.cancelWindowMs).toBeLessThan(3 * day);
      expect(timings.remindersMs).toEqual(timings.remindersMs.toSorted((left, right) => left - right));
    }),
  );
});

const counted = {
  weekend: { country: "MM", from: "2026-11-27T06:00:00Z", days: 1, last: "2026-11-30" },
  thingyan: { country: "MM", from: "2026-04-10T06:00:00Z", days: 1, last: "2026-04-20" },
  independence: { country: "ID", from: "2026-08-14T06:00:00Z", days: 1, last: "2026-08-18" },
  eid: { country: "ID", from: "2026-03-18T06:00:00Z", days: 2, last: "2026-03-23" },
};

test.each([
  ["over a weekend", counted.weekend],
  [
    "by the wall of the country: it is Saturday there already",
    { ...counted.weekend, from: "2026-11-27T18:00:00Z" },
  ],
  ["over Thingyan", counted.thingyan],
  ["over Indonesian Independence Day", counted.independence],
  ["over the holidays of Eid", counted.eid],
])("working days are counted %s", (_, { country, from, days, last }) => {
  const offsetMs = country === "MM" ? 6.5 * 3_600_000 : 7 * 3_600_000;
  const end = workingDaysAfter(new Date(from), days, country);
  // The end of the last day is the first moment of the next.
  const wall = new Date((end?.getTime() ?? 0) + offsetMs - 1).toISOString().slice(0, 10);
  expect(wall).toBe(last);
});

test("beyond the years of a calendar, or without one, calendar days count", () => {
  const late = new Date("2028-12-28T00:00:00Z");
  expect(workingDaysAfter(late, 20, "MM")).toBeUndefined();
  expect(startPrivacyClock(late, { country: "MM", profile: "working_days" })).toMatchObject({
    profile: "calendar_days",
    dueAt: new Date(late.getTime() + 30 * day),
  });
  expect(startPrivacyClock(at, { country: "TH", profile: "working_days" }).profile).toBe("calendar_days");
  const inDays = startPrivacyClock(at, { country: "MM", profile: "working_days" });
  expect(inDays.profile).toBe("working_days");
  expect(inDays.dueAt.getTime()).toBeLessThan(at.getTime() + 30 * day);
});
