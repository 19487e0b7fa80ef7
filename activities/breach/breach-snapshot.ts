import type { ShopTransaction } from "../../db/connection.ts";
import { findIncident, lockIncident, nextDeadlineOf } from "../../db/incidents.ts";
import type { IncidentRow } from "../../db/incidents.ts";
import { nextIncidentStates } from "../../domain/breach/states.ts";
import { AppError } from "../../domain/app-error.ts";
import type { IncidentId } from "../../domain/id.ts";
import type { BreachRef, BreachSnapshot } from "../../workflows/breach.contract.ts";
import type { BreachDeps } from "./breach-deps.ts";

export async function loadBreach(
  { db, clock }: Pick<BreachDeps, "db" | "clock">,
  { incidentId }: BreachRef,
): Promise<BreachSnapshot> {
  const row = await db.withoutShop((trx) => findIncident(trx, incidentId));
  return breachSnapshot(found(row, incidentId), clock.now());
}

/** Held until commit. */
export async function getLocked(trx: ShopTransaction, incidentId: IncidentId): Promise<IncidentRow> {
  return found(await lockIncident(trx, incidentId), incidentId);
}

function found(row: IncidentRow | undefined, incidentId: IncidentId): IncidentRow {
  if (row) return row;
  throw new AppError("not_found", "breach.not_found", { internal: `incident ${incidentId}` });
}

export function breachSnapshot(row: IncidentRow, now: Date): BreachSnapshot {
  const next = nextDeadlineOf(row);
  const { activityTimeoutMs, activityRetryMs } = row.timings;
  return {
    version: 1,
    rowVersion: row.version,
    state: row.state,
    next: next && { deadline: next.deadline, waitMs: Math.max(0, next.at.getTime() - now.getTime()) },
    isOver: nextIncidentStates[row.state].length === 0,
    activity: { timeoutMs: activityTimeoutMs, retryMs: activityRetryMs },
  };
}
