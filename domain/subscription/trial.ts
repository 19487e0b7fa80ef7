import { addMonths } from "./calendar.ts";

const trialMonths = 1;

/** The one rule of how long a new shop may try before it pays. */
export function trialEndsAt(startsAt: Date, timeZone: string): Date {
  return addMonths(startsAt, trialMonths, timeZone);
}
