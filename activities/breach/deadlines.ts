import type { ShopTransaction } from "../../db/connection.ts";
import { changeIncident, insertIncidentEvent, nextDeadlineOf } from "../../db/incidents.ts";
import type { IncidentRow } from "../../db/incidents.ts";
import { mailAdmins } from "../../db/mail-admins.ts";
import type { BreachDeadline } from "../../domain/breach/deadlines.ts";
import type { BreachRef, BreachSnapshot } from "../../workflows/breach.contract.ts";
import type { BreachDeps } from "./breach-deps.ts";
import { breachSnapshot, getLocked } from "./breach-snapshot.ts";

/** Part of the 72 hours is gone, and people are not told: compliance is mailed, and the log wakes the operators. */
export function raiseAlarm(deps: BreachDeps, ref: BreachRef): Promise<BreachSnapshot> {
  const { incidentId } = ref;
  return meetBreachDeadline(deps, ref, "raiseAlarm", async (trx, row, now) => {
    const number = row.alarms_raised + 1;
    const hours = Math.round((row.timings.alarmsMs[row.alarms_raised] ?? 0) / 3_600_000);
    deps.log.error({ ...ref, hours, dueAt: row.due_at.toISOString() }, "breach.people_not_told");
    await insertIncidentEvent(trx, { incidentId, what: "alarm", data: { number, hours }, now });
    const businessKey = `breach_alarm:${incidentId}:${number}`;
    await mailAdmins(trx, { role: "compliance", kind: "breach_alarm", businessKey, now });
    return changeIncident(trx, row, { alarms_raised: number });
  });
}

/**
 * Does what is due when it is due, by the row's word, and answers how the row stands then. Safe to run twice: the row is
 * locked, and a deadline that was met is no longer the next one.
 */
export async function meetBreachDeadline(
  deps: Pick<BreachDeps, "db" | "clock" | "atStep">,
  { incidentId }: BreachRef,
  deadline: BreachDeadline,
  meet: (trx: ShopTransaction, row: IncidentRow, now: Date) => Promise<IncidentRow>,
): Promise<BreachSnapshot> {
  const now = deps.clock.now();
  const row = await deps.db.withoutShop(async (trx) => {
    const row = await getLocked(trx, incidentId);
    const next = nextDeadlineOf(row);
    if (next?.deadline !== deadline || next.at > now) return row;
    return meet(trx, row, now);
  });
  await deps.atStep("breach.committed");
  return breachSnapshot(row, now);
}
