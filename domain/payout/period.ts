/** The month that is over, by which a tally names its payouts: `2026-11` on any day of December, in UTC. */
export function periodBefore(now: Date): string {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1)).toISOString().slice(0, 7);
}
