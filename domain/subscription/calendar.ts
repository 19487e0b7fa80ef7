/** A moment as the clock on the wall of a time zone shows it. */
type WallTime = { year: number; month: number; day: number; timeOfDayMs: number };

const dayMs = 24 * 60 * 60_000;

/** The platform's clock on the wall. */
export const platformTimeZone = "Asia/Yangon";

/**
 * The same wall-clock time so many calendar months later, in the time zone. The end-of-month rule: a day that the month
 * does not have is its last day (31 January and one month is 28 or 29 February), and the next period counts from there.
 */
export function addMonths(at: Date, months: number, timeZone: string): Date {
  const { year, month, day, timeOfDayMs } = wallTimeOf(at, timeZone);
  const target = new Date(Date.UTC(year, month + months, 1));
  const lastDay = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  return momentOf(
    {
      year: target.getUTCFullYear(),
      month: target.getUTCMonth(),
      day: Math.min(day, lastDay),
      timeOfDayMs,
    },
    timeZone,
  );
}

/** The same wall-clock time so many calendar days later, in the time zone. */
export function addDays(at: Date, days: number, timeZone: string): Date {
  const wall = wallTimeOf(at, timeZone);
  return momentOf({ ...wall, day: wall.day + days }, timeZone);
}

/** The day that the zone's calendar shows, such as `2026-12-03`. */
export function dayAt(at: Date, timeZone: string): string {
  return new Date(at.getTime() + offsetMsAt(at.getTime(), timeZone)).toISOString().slice(0, 10);
}

/** Whole days of 24 hours from one moment to another; none when it is past. */
export function wholeDaysBetween(from: Date, to: Date): number {
  return Math.max(0, Math.floor((to.getTime() - from.getTime()) / dayMs));
}

function wallTimeOf(at: Date, timeZone: string): WallTime {
  const wall = new Date(at.getTime() + offsetMsAt(at.getTime(), timeZone));
  return {
    year: wall.getUTCFullYear(),
    month: wall.getUTCMonth(),
    day: wall.getUTCDate(),
    timeOfDayMs: ((wall.getTime() % dayMs) + dayMs) % dayMs,
  };
}

/** Of a wall time that the zone shows twice the earlier moment; one that it skips is as much later as was skipped. */
function momentOf({ year, month, day, timeOfDayMs }: WallTime, timeZone: string): Date {
  const wallMs = Date.UTC(year, month, day) + timeOfDayMs;
  const before = wallMs - offsetMsAt(wallMs - dayMs, timeZone);
  const after = wallMs - offsetMsAt(wallMs + dayMs, timeZone);
  const fits = [before, after]
    .filter((ms) => ms + offsetMsAt(ms, timeZone) === wallMs)
    .toSorted((left, right) => left - right);
  return new Date(fits[0] ?? before);
}

/** What the zone's clock is ahead of UTC by at that moment. */
function offsetMsAt(ms: number, timeZone: string): number {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const shown = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
  return shown - Math.floor(ms / 1_000) * 1_000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making one takes longer than using it a hundred times. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  formats.set(timeZone, format);
  return format;
}
