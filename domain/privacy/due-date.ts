import {
  ageReportDueMs,
  ageReportTimings,
  defaultPrivacyTimings,
  hardLimitMs,
  targetMs,
  threeDayTimings,
} from "./timings.ts";
import type { PrivacyTimings } from "./timings.ts";
import { workingDaysAfter } from "./working-days.ts";

/** By which policy a request is due. `calendar_days`: 30. `working_days`: 20 of the shop's country. `three_days`: 3 × 24 h. */
export const privacyProfiles = ["calendar_days", "working_days", "three_days"] as const;
export type PrivacyProfile = (typeof privacyProfiles)[number];

export type PrivacyClock = {
  profile: PrivacyProfile;
  timings: PrivacyTimings;
  targetAt: Date;
  /** Never later than 30 days of 24 hours. */
  dueAt: Date;
};

const workingDays = 20;

/** Three days where Indonesian law applies; elsewhere the strictest of the policies' promises. */
export function profileOf(country: string): PrivacyProfile {
  return country === "ID" ? "three_days" : "calendar_days";
}

/** What a request that comes now is due by. Without a calendar for its working days, calendar days count. */
export function startPrivacyClock(
  receivedAt: Date,
  { country, profile = profileOf(country) }: { country: string; profile?: PrivacyProfile | undefined },
): PrivacyClock {
  const hardAt = after(receivedAt, hardLimitMs);
  const targetAt = after(receivedAt, targetMs);
  switch (profile) {
    case "calendar_days":
      return { profile, timings: defaultPrivacyTimings, targetAt, dueAt: hardAt };
    case "working_days": {
      const at = workingDaysAfter(receivedAt, workingDays, country);
      if (at === undefined) {
        return { profile: "calendar_days", timings: defaultPrivacyTimings, targetAt, dueAt: hardAt };
      }
      return { profile, timings: defaultPrivacyTimings, targetAt, dueAt: at < hardAt ? at : hardAt };
    }
    case "three_days":
      return { profile, timings: threeDayTimings, targetAt, dueAt: targetAt };
  }
}

/** Of the deletion of a child's data: whatever the country's law gives. */
export function startAgeClock(reportedAt: Date): PrivacyClock {
  const dueAt = after(reportedAt, ageReportDueMs);
  return { profile: "three_days", timings: ageReportTimings, targetAt: dueAt, dueAt };
}

function after(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}
