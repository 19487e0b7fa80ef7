import type { Selectable } from "kysely";

import type { ShopId, SubjectId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { AuditEventsTable } from "./schema/operations.ts";

export type AuditRow = Selectable<AuditEventsTable>;

/** All that stands in the shop's log about one person, oldest first; `after` is the last id of the page before. */
export function listAuditOfSubject(
  trx: ShopTransaction,
  {
    shopId,
    subjectId,
    after,
    limit,
  }: { shopId: ShopId; subjectId: SubjectId; after?: string; limit: number },
): Promise<AuditRow[]> {
  const all = trx
    .selectFrom("audit_events")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("subject_id", "=", subjectId)
    .orderBy("id")
    .limit(limit);
  return (after === undefined ? all : all.where("id", ">", after)).execute();
}

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
