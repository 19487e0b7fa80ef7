const dayMs = 24 * 60 * 60_000;

/** Of a country whose working days are known: each year has the fixed holidays, and those that were announced for it. */
type HolidayCalendar = {
  timeZoneOffsetMs: number;
  firstYear: number;
  lastYear: number;
  /** Month and day, of every year. */
  fixed: ReadonlySet<string>;
  announced: ReadonlySet<string>;
};

/**
 * Only what is sure: a holiday that is not here makes a request due earlier, never later. Myanmar's moving holidays follow
 * the moon and are announced each year; they are left out.
 */
const calendars: Record<string, HolidayCalendar> = {
  MM: {
    timeZoneOffsetMs: 6.5 * 60 * 60_000,
    firstYear: 2026,
    lastYear: 2028,
    fixed: new Set([
      "01-01",
      "01-04",
      "02-12",
      "03-02",
      "03-27",
      "04-13",
      "04-14",
      "04-15",
      "04-16",
      "04-17", // Thingyan and the New Year
      "05-01",
      "07-19",
      "12-25",
    ]),
    announced: new Set(),
  },
  ID: {
    timeZoneOffsetMs: 7 * 60 * 60_000,
    firstYear: 2026,
    lastYear: 2028,
    fixed: new Set(["01-01", "05-01", "06-01", "08-17", "12-25"]),
    announced: new Set([
      "2026-01-16",
      "2026-02-17",
      "2026-03-19",
      "2026-03-21",
      "2026-03-22",
      "2026-04-03",
      "2026-05-14",
      "2026-05-27",
      "2026-05-31",
      "2026-06-16",
      "2026-08-25",
    ]),
  },
};

/**
 * The end of the last of so many working days after a moment, Monday to Friday without holidays, by the country's wall.
 * Undefined: there is no calendar of the country, or it ends before: calendar days count instead.
 */
export function workingDaysAfter(at: Date, days: number, country: string): Date | undefined {
  const calendar = calendars[country];
  if (calendar === undefined) return undefined;
  const { timeZoneOffsetMs, firstYear, lastYear } = calendar;
  const wallMs = at.getTime() + timeZoneOffsetMs;
  let day = new Date(wallMs - (((wallMs % dayMs) + dayMs) % dayMs));
  for (let left = days; left > 0;) {
    day = new Date(day.getTime() + dayMs);
    const year = day.getUTCFullYear();
    if (year < firstYear || year > lastYear) return undefined;
    if (isWorkingDay(day, calendar)) left -= 1;
  }
  return new Date(day.getTime() + dayMs - timeZoneOffsetMs);
}

function isWorkingDay(day: Date, { fixed, announced }: HolidayCalendar): boolean {
  const weekday = day.getUTCDay();
  const date = day.toISOString().slice(0, 10);
  return weekday > 0 && weekday < 6 && !fixed.has(date.slice(5)) && !announced.has(date);
}
