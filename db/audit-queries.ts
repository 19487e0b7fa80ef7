import type { Selectable } from "kysely";

import type { ShopId, SubjectId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { AuditEventsTable } from "./schema/operations.ts";

export type AuditRow = Selectable<AuditEventsTable>;

/** Newest first; `before` is the last id of the page above. */
export function listAuditEvents(
  trx: ShopTransaction,
  filter: { shopId: ShopId; action?: string; subjectId?: SubjectId; before?: string; limit: number },
): Promise<AuditRow[]> {
  let query = trx
    .selectFrom("audit_events")
    .selectAll()
    .where("shop_id", "=", filter.shopId)
    .orderBy("id", "desc")
    .limit(filter.limit);
  if (filter.action !== undefined) query = query.where("action", "=", filter.action);
  if (filter.subjectId !== undefined) query = query.where("subject_id", "=", filter.subjectId);
  if (filter.before !== undefined) query = query.where("id", "<", filter.before);
  return query.execute();
}
