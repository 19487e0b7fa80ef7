import { expect, test } from "vitest";

import { addDays, addMonths, wholeDaysBetween } from "../../domain/subscription/calendar.ts";
import { fc, runs } from "../support/properties.ts";

const yangon = "Asia/Yangon"; // UTC+6:30, no summer time
const berlin = "Europe/Berlin"; // summer time from the last Sunday of March to the last of October

const at = (text: string) => new Date(text);

test("a month later is the same day and wall-clock time of the shop's zone, not of UTC", () => {
  // 1 March 02:00 in Yangon is still February in UTC.
  expect(addMonths(at("2027-02-28T19:30:00Z"), 1, yangon)).toEqual(at("2027-03-31T19:30:00Z"));
  expect(addMonths(at("2027-12-15T05:00:00.250Z"), 2, yangon)).toEqual(at("2028-02-15T05:00:00.250Z"));
});

test.each([
  ["2027-01-31T05:00:00Z", 1, "2027-02-28T05:00:00Z"],
  ["2028-01-31T05:00:00Z", 1, "2028-02-29T05:00:00Z"],
  ["2027-03-31T05:00:00Z", 1, "2027-04-30T05:00:00Z"],
  ["2028-02-29T05:00:00Z", 12, "2029-02-28T05:00:00Z"],
  ["2027-02-28T05:00:00Z", 1, "2027-03-28T05:00:00Z"],
])("a day that the month lacks is its last: %s and %i months", (from, months, to) => {
  expect(addMonths(at(from), months, yangon)).toEqual(at(to));
});

test("the wall clock keeps its time when summer time begins or ends between", () => {
  expect(addMonths(at("2027-03-01T09:00:00Z"), 1, berlin)).toEqual(at("2027-04-01T08:00:00Z"));
  expect(addMonths(at("2027-10-01T08:00:00Z"), 1, berlin)).toEqual(at("2027-11-01T09:00:00Z"));
  expect(addDays(at("2027-03-27T11:00:00Z"), 1, berlin)).toEqual(at("2027-03-28T10:00:00Z"));
});

test("a time that is skipped comes later by what was skipped, and of one shown twice it is the first", () => {
  expect(addMonths(at("2027-02-28T01:30:00Z"), 1, berlin)).toEqual(at("2027-03-28T01:30:00Z")); // 02:30 → 03:30
  expect(addMonths(at("2027-09-30T00:30:00Z"), 1, berlin)).toEqual(at("2027-10-30T00:30:00Z"));
  expect(addDays(at("2027-10-30T00:30:00Z"), 1, berlin)).toEqual(at("2027-10-31T00:30:00Z")); // 02:30 twice
});

const moments = fc.date({ min: at("2020-01-01"), max: at("2060-01-01"), noInvalidDate: true });
const zones = fc.constantFrom(yangon, berlin, "Asia/Bangkok", "America/New_York", "Pacific/Apia", "UTC");

test("more months never end earlier, and a month is 28 to 31 days", () => {
  fc.assert(
    fc.property(moments, zones, fc.integer({ min: 1, max: 24 }), (from, zone, months) => {
      const [end, next] = [addMonths(from, months, zone), addMonths(from, months + 1, zone)];
      expect(next.getTime()).toBeGreaterThan(end.getTime());
      const days = (addMonths(from, 1, zone).getTime() - from.getTime()) / 86_400_000;
      expect(days).toBeGreaterThan(27.9);
      expect(days).toBeLessThan(31.1);
    }),
    { numRuns: runs(300) },
  );
});

test("whole days are counted down, and none of what is past", () => {
  expect(wholeDaysBetween(at("2027-01-01T00:00:00Z"), at("2027-01-02T23:59:59Z"))).toBe(1);
  expect(wholeDaysBetween(at("2027-01-02T00:00:00Z"), at("2027-01-01T00:00:00Z"))).toBe(0);
});
