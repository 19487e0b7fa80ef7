import { sql } from "kysely";

import { newId } from "../domain/id.ts";
import type { AccountId, ShopId, SubjectId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { AuditActorKind } from "./schema/operations.ts";

export type AuditEvent = {
  shopId: ShopId;
  actorKind: AuditActorKind;
  actorId: AccountId | null;
  /** `noun.verb_past`, e.g. `evidence.viewed`. */
  action: string;
  /** The person whose data was read or changed. */
  subjectId?: SubjectId;
  resourceId?: string;
  /** Amounts, codes and ids; never personal data. */
  data?: Record<string, string | number | boolean | null>;
  now: Date;
};

/** Belongs into the transaction of the change that it tells of. */
export async function appendAudit(trx: ShopTransaction, event: AuditEvent): Promise<void> {
  await trx.insertInto("audit_events").values(toRow(event)).execute();
}

/** Appends the event unless the same actor did the same after `since`, to the same object and with the same data. */
export async function appendAuditOnce(trx: ShopTransaction, event: AuditEvent, since: Date): Promise<void> {
  const row = toRow(event);
  const name = [row.shop_id, row.actor_id, row.action, row.subject_id, row.resource_id, row.data].join("|");
  // Pages read themselves again at the same moment, by several processes: one after the other they see each other.
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(trx);
  const known = await trx
    .selectFrom("audit_events")
    .select("id")
    .where("shop_id", "=", row.shop_id)
    .where("at", ">", since)
    .where("action", "=", row.action)
    .where("actor_id", "is not distinct from", row.actor_id)
    .where("subject_id", "is not distinct from", row.subject_id)
    .where("resource_id", "is not distinct from", row.resource_id)
    .where("data", "=", sql<never>`${row.data}::jsonb`)
    .limit(1)
    .executeTakeFirst();
  if (known === undefined) await trx.insertInto("audit_events").values(row).execute();
}

function toRow(event: AuditEvent) {
  return {
    shop_id: event.shopId,
    id: newId<string>(),
    at: event.now,
    actor_kind: event.actorKind,
    actor_id: event.actorId,
    action: event.action,
    subject_id: event.subjectId ?? null,
    resource_id: event.resourceId ?? null,
    data: JSON.stringify(event.data ?? {}),
  };
}
