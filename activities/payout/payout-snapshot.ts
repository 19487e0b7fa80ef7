import { payoutWaits } from "../../db/payout-standing.ts";
import { findPayout, lockPayout } from "../../db/payouts.ts";
import type { PayoutRow } from "../../db/payouts.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { AppError } from "../../domain/app-error.ts";
import type { PayoutId } from "../../domain/id.ts";
import { nextPayoutDeadline } from "../../domain/payout/deadlines.ts";
import type { PayoutRef, PayoutSnapshot } from "../../workflows/payout.contract.ts";
import type { PayoutDeps } from "./payout-deps.ts";

export async function loadPayout(
  { db, clock }: Pick<PayoutDeps, "db" | "clock">,
  { payoutId }: PayoutRef,
): Promise<PayoutSnapshot> {
  const row = await db.withoutShop((trx) => findPayout(trx, payoutId));
  return payoutSnapshot(found(row, payoutId), clock.now());
}

/** Held until commit, with its participant. */
export async function getLocked(trx: ShopTransaction, payoutId: PayoutId): Promise<PayoutRow> {
  return found(await lockPayout(trx, payoutId), payoutId);
}

function found(row: PayoutRow | undefined, payoutId: PayoutId): PayoutRow {
  if (row) return row;
  throw new AppError("not_found", "payout.not_found", { internal: `payout ${payoutId}` });
}

export function payoutSnapshot(row: PayoutRow, now: Date): PayoutSnapshot {
  const next = nextPayoutDeadline(payoutWaits(row));
  const { activityTimeoutMs, activityRetryMs } = row.timings;
  return {
    version: 1,
    rowVersion: row.version,
    state: row.state,
    next: next && { deadline: next.deadline, waitMs: Math.max(0, next.at.getTime() - now.getTime()) },
    activity: { timeoutMs: activityTimeoutMs, retryMs: activityRetryMs },
  };
}
