import { findUpgradeRequest, upgradeStanding } from "../../db/upgrade-requests.ts";
import type { UpgradeRequestRow } from "../../db/upgrade-requests.ts";
import { AppError } from "../../domain/app-error.ts";
import { nextUpgradeDeadline } from "../../domain/subscription/upgrade.ts";
import type { UpgradeRef, UpgradeSnapshot } from "../../workflows/upgrade.contract.ts";
import type { ActivityDeps } from "../deps.ts";

export async function loadUpgrade(deps: ActivityDeps, ref: UpgradeRef): Promise<UpgradeSnapshot> {
  const row = await deps.db.withShop(ref.shopId, (trx) => findUpgradeRequest(trx, ref));
  if (row) return upgradeSnapshot(row, deps.clock.now());
  throw new AppError("not_found", "upgrade.not_found", { internal: `upgrade ${ref.requestId}` });
}

export function upgradeSnapshot(row: UpgradeRequestRow, now: Date): UpgradeSnapshot {
  const next = nextUpgradeDeadline(upgradeStanding(row));
  const { activityTimeoutMs, activityRetryMs } = row.timings;
  return {
    version: 1,
    rowVersion: row.version,
    state: row.state,
    next: next && { deadline: next.deadline, waitMs: Math.max(0, next.at.getTime() - now.getTime()) },
    activity: { timeoutMs: activityTimeoutMs, retryMs: activityRetryMs },
  };
}
