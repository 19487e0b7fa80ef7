import { isSpendable } from "./ledger.ts";
import type { CreditGrant } from "./ledger.ts";

/** Percent of the last grant: the owner is told once when no more than this is left. 0: a customer got no answer. */
export type LowLevel = 20 | 5 | 0;

/** What is left of all grants, with what turns have reserved: most of that comes back. */
export function creditsLeft(grants: readonly CreditGrant[], now: Date): number {
  return grants
    .filter((grant) => isSpendable(grant, now))
    .reduce((sum, { available, reserved }) => sum + available + reserved, 0);
}

/** The level that the owner must be told of now; `told` is the lowest that was told since the last grant. */
export function lowLevelToTell({
  left,
  lastGranted,
  told,
}: {
  left: number;
  lastGranted: number;
  told: LowLevel | null;
}): LowLevel | null {
  const level = left * 100 <= lastGranted * 5 ? 5 : left * 100 <= lastGranted * 20 ? 20 : null;
  if (level === null || (told !== null && told <= level)) return null;
  return level;
}
