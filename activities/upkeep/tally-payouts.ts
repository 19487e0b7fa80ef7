import { tallyPayouts as tallyBatch } from "../../db/payout-tally.ts";
import { findReferralPolicy } from "../../db/referral-policies.ts";
import { periodBefore } from "../../domain/payout/period.ts";
import type { TalliedPayouts } from "../../workflows/upkeep.contract.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

export type TallyDeps = Pick<UpkeepDeps, "db" | "clock" | "log" | "processes" | "payoutTimings" | "atStep">;

/** Participants of one transaction. */
const batch = 100;

/**
 * Safe to run twice, and beside itself: there is one payout for each participant and period. One whose process was not
 * started is found by `reconcile`.
 */
export async function tallyPayouts(deps: TallyDeps): Promise<TalliedPayouts> {
  const { db, clock, payoutTimings: timings } = deps;
  const now = clock.now();
  const period = periodBefore(now);
  const result = { made: 0, started: 0 };
  for (;;) {
    const payouts = await db.withoutShop(async (trx) => {
      const { minimumPayoutMinor: minimumMinor } = await findReferralPolicy(trx, now);
      return tallyBatch(trx, { period, minimumMinor, timings, now, limit: batch });
    });
    if (payouts.length === 0) return result;
    await deps.atStep("payouts.tallied");
    result.made += payouts.length;
    for (const payout of payouts) if (await start(deps, { ...payout, period })) result.started += 1;
  }
}

async function start(
  { processes, log }: TallyDeps,
  payout: Parameters<TallyDeps["processes"]["ringPayout"]>[0],
): Promise<boolean> {
  try {
    await processes.ringPayout(payout);
    return true;
  } catch (err) {
    log.warn({ payoutId: payout.payoutId, err }, "payout.ring_failed");
    return false;
  }
}
