/** The month that is over, by which a tally names its payouts: `2026-11` on any day of December, in UTC. */
export function periodBefore(now: Date): string {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1)).toISOString().slice(0, 7);
}

export const payoutSchedules = ["monthly", "quarterly"] as const;
export type PayoutSchedule = (typeof payoutSchedules)[number];

/** Whether the month is the last of a quarter: then those are paid who want to be paid four times a year. */
export function endsQuarter(period: string): boolean {
  return Number(period.slice(5)) % 3 === 0;
}
