import type { Selectable, Updateable } from "kysely";

import { nextBreachDeadline } from "../domain/breach/deadlines.ts";
import type { BreachWaits } from "../domain/breach/deadlines.ts";
import type { BreachScope } from "../domain/breach/scope.ts";
import { nextIncidentStates } from "../domain/breach/states.ts";
import type { IncidentKind, IncidentState, LateReason } from "../domain/breach/states.ts";
import type { BreachTimings } from "../domain/breach/timings.ts";
import { newId } from "../domain/id.ts";
import type { AccountId, IncidentId, TicketId } from "../domain/id.ts";
import type { NewKey, Sealed, SealedPlace } from "../domain/sealing.ts";
import { platformShopId } from "./accounts.ts";
import { appendAudit } from "./audit-events.ts";
import type { ShopTransaction } from "./connection.ts";
import type { IncidentEventsTable, IncidentsTable } from "./schema/incidents.ts";
import { insertSubjects } from "./subjects.ts";

export type IncidentRow = Selectable<IncidentsTable>;
export type IncidentEventRow = Selectable<IncidentEventsTable>;

/** Where the words of its notice are sealed. */
export function incidentNoticePlace(incidentId: IncidentId): SealedPlace {
  return {
    shopId: platformShopId,
    subjectId: incidentId,
    purpose: "support",
    field: "incident.notice",
    rowId: incidentId,
  };
}

/** In `withShop(platformShopId)`. False: it was opened before, by the same request. */
export async function insertIncident(
  trx: ShopTransaction,
  incident: {
    id: IncidentId;
    kind: IncidentKind;
    isDrill: boolean;
    ticketId: TicketId | null;
    discoveredAt: Date;
    timings: BreachTimings;
    keys: NewKey[];
    by: AccountId;
    now: Date;
  },
): Promise<boolean> {
  const { id, discoveredAt, timings, keys, by, now } = incident;
  const inserted = await trx
    .insertInto("incidents")
    .values({
      id,
      kind: incident.kind,
      is_drill: incident.isDrill,
      ticket_id: incident.ticketId,
      discovered_at: discoveredAt,
      due_at: new Date(discoveredAt.getTime() + timings.noticeDueMs),
      timings: JSON.stringify(timings),
      opened_by: by,
      opened_at: now,
    })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .returning("id")
    .executeTakeFirst();
  if (inserted === undefined) return false;
  await insertSubjects(trx, { shopId: platformShopId, subjects: [{ id, kind: "incident" }], keys, now });
  await insertIncidentEvent(trx, { incidentId: id, what: "opened", by, now });
  const data = { discoveredAt: discoveredAt.toISOString() };
  const opened = { actorKind: "admin" as const, actorId: by, action: "breach.opened", resourceId: id, data };
  await appendAudit(trx, { shopId: platformShopId, ...opened, now });
  return true;
}

export function findIncident(trx: ShopTransaction, id: IncidentId): Promise<IncidentRow | undefined> {
  return trx.selectFrom("incidents").selectAll().where("id", "=", id).executeTakeFirst();
}

export function lockIncident(trx: ShopTransaction, id: IncidentId): Promise<IncidentRow | undefined> {
  return trx.selectFrom("incidents").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}

/** The newest first. */
export function listIncidents(
  trx: ShopTransaction,
  { before, limit }: { before?: IncidentId; limit: number },
): Promise<IncidentRow[]> {
  let query = trx.selectFrom("incidents").selectAll().orderBy("id", "desc").limit(limit);
  if (before !== undefined) query = query.where("id", "<", before);
  return query.execute();
}

/** The oldest first. */
export function listIncidentEvents(trx: ShopTransaction, id: IncidentId): Promise<IncidentEventRow[]> {
  return trx
    .selectFrom("incident_events")
    .selectAll()
    .where("incident_id", "=", id)
    .orderBy("at")
    .orderBy("id")
    .execute();
}

type IncidentEvent = {
  incidentId: IncidentId;
  what: string;
  /** Codes and counts. */
  data?: Record<string, string | number | boolean | null>;
  by?: AccountId | null;
  now: Date;
};

export async function insertIncidentEvent(
  trx: ShopTransaction,
  { incidentId, what, data = {}, by = null, now }: IncidentEvent,
): Promise<void> {
  await trx
    .insertInto("incident_events")
    .values({
      incident_id: incidentId,
      id: newId(),
      what,
      data: JSON.stringify(data),
      by_account: by,
      at: now,
    })
    .execute();
}

type Marks = Omit<Updateable<IncidentsTable>, "id" | "version" | "state">;

/** Under `lockIncident`. */
export function changeIncident(
  trx: ShopTransaction,
  { id, state }: Pick<IncidentRow, "id" | "state">,
  set: Marks & { state?: IncidentState },
): Promise<IncidentRow> {
  const allowed: readonly IncidentState[] = nextIncidentStates[state];
  if (set.state !== undefined && set.state !== state && !allowed.includes(set.state)) {
    throw new TypeError(`an incident does not go from ${state} to ${set.state}`);
  }
  return trx
    .updateTable("incidents")
    .set((eb) => ({ ...set, version: eb("version", "+", 1) }))
    .where("id", "=", id)
    .where("state", "=", state)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export type IncidentPapers = { scopes?: BreachScope[]; notice?: Sealed; discoveredAt?: Date };

/**
 * In `withShop(platformShopId)`: what is known and what will be written, as long as nobody has proposed anything about it or approved it. A proposal of
 * before counts no more.
 */
export async function writeIncidentPapers(
  trx: ShopTransaction,
  { id, papers, by, now }: { id: IncidentId; papers: IncidentPapers; by: AccountId; now: Date },
): Promise<IncidentRow | "unknown" | "not_open"> {
  const row = await lockIncident(trx, id);
  if (row === undefined) return "unknown";
  if (row.state !== "open") return "not_open";
  const { scopes, notice, discoveredAt } = papers;
  const changed = await changeIncident(trx, row, {
    ...(scopes === undefined ? {} : { scopes: JSON.stringify(scopes) }),
    ...(notice === undefined ? {} : { notice }),
    ...(discoveredAt === undefined ? {} : clockFrom(row, { discoveredAt, now })),
    notice_version: row.notice_version + 1,
    proposal: null,
    proposed_by: null,
    proposed_at: null,
  });
  const data = {
    noticeVersion: changed.notice_version,
    ...(discoveredAt === undefined
      ? {}
      : { discoveredBefore: row.discovered_at.toISOString(), discoveredNow: discoveredAt.toISOString() }),
  };
  await insertIncidentEvent(trx, { incidentId: id, what: "papers_written", data, by, now });
  await appendAudit(trx, {
    shopId: platformShopId,
    actorKind: "admin",
    actorId: by,
    action: "breach.papers_written",
    resourceId: id,
    data,
    now,
  });
  return changed;
}

/** A discovery turns out to have been earlier, or later: the clock runs from then. */
function clockFrom({ timings }: IncidentRow, { discoveredAt, now }: { discoveredAt: Date; now: Date }) {
  const goneMs = now.getTime() - discoveredAt.getTime();
  return {
    discovered_at: discoveredAt,
    due_at: new Date(discoveredAt.getTime() + timings.noticeDueMs),
    alarms_raised: timings.alarmsMs.filter((afterMs) => afterMs <= goneMs).length,
  };
}

export type IncidentDecision =
  | { name: "propose"; proposal: "notify" | "dismiss"; noticeVersion: number }
  | { name: "approve"; proposal: "notify" | "dismiss"; noticeVersion: number }
  | { name: "close"; lateReason: LateReason | null };

export type IncidentRefusal =
  | "state"
  | "no_scope"
  | "no_notice"
  | "other_version"
  | "no_proposal"
  | "same_person"
  | "late_reason_missing";

/** A person's word, under `lockIncident`. What was decided just so before is `already`. */
export async function decideIncident(
  trx: ShopTransaction,
  row: IncidentRow,
  { decision, by, now }: { decision: IncidentDecision; by: AccountId; now: Date },
): Promise<{ said: "decided" | "already"; row: IncidentRow } | { said: IncidentRefusal; row: IncidentRow }> {
  if (isDecided(row, decision, by)) return { said: "already", row };
  const refusal = refusalOf(row, decision, by);
  if (refusal !== null) return { said: refusal, row };
  const changed = await changeIncident(trx, row, marksOf(decision, { by, now }));
  const { name } = decision;
  const data = name === "close" ? { lateReason: decision.lateReason } : { proposal: decision.proposal };
  await insertIncidentEvent(trx, { incidentId: row.id, what: wordOf[name], data, by, now });
  return { said: "decided", row: changed };
}

const wordOf = { propose: "proposed", approve: "approved", close: "closed" } as const;

function isDecided(row: IncidentRow, decision: IncidentDecision, by: AccountId): boolean {
  switch (decision.name) {
    case "propose":
      return (
        row.proposal === decision.proposal &&
        row.proposed_by === by &&
        row.notice_version === decision.noticeVersion
      );
    case "approve":
      return row.approved_by === by && row.proposal === decision.proposal;
    case "close":
      return row.state === "closed";
  }
}

function refusalOf(row: IncidentRow, decision: IncidentDecision, by: AccountId): IncidentRefusal | null {
  if (decision.name === "close") {
    if (row.state !== "notified" || row.notified_at === null) return "state";
    const isLate = row.notified_at > row.due_at;
    return isLate && decision.lateReason === null ? "late_reason_missing" : null;
  }
  if (row.state !== "open") return "state";
  if (row.notice_version !== decision.noticeVersion) return "other_version";
  if (decision.proposal === "notify" && row.scopes.length === 0) return "no_scope";
  if (decision.proposal === "notify" && row.notice === null) return "no_notice";
  if (decision.name === "propose") return null;
  if (row.proposal !== decision.proposal) return "no_proposal";
  return row.proposed_by === by || row.proposed_by === null ? "same_person" : null;
}

function marksOf(
  decision: IncidentDecision,
  { by, now }: { by: AccountId; now: Date },
): Marks & { state?: IncidentState } {
  switch (decision.name) {
    case "propose":
      return { proposal: decision.proposal, proposed_by: by, proposed_at: now };
    case "approve":
      return {
        approved_by: by,
        approved_at: now,
        ...(decision.proposal === "notify"
          ? { state: "notifying" as const }
          : { state: "dismissed" as const, closed_at: now }),
      };
    case "close":
      return { state: "closed", closed_at: now, late_reason: decision.lateReason };
  }
}

/** What the deadlines look at. */
export function breachWaits(row: IncidentRow): BreachWaits {
  return {
    state: row.state,
    discoveredAt: row.discovered_at,
    alarmsRaised: row.alarms_raised,
    approvedAt: row.approved_at,
    listedAt: row.listed_at,
    toldAt: row.told_at,
    receiptsReadAt: row.receipts_read_at,
    timings: row.timings,
  };
}

export function nextDeadlineOf(row: IncidentRow) {
  return nextBreachDeadline(breachWaits(row));
}
