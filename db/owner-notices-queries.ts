import type { Selectable } from "kysely";

import type { NoticeId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { OwnerNoticesTable } from "./schema/operations.ts";

export type NoticeRow = Selectable<OwnerNoticesTable>;

/** Newest first; `before` is the last id of the page above. */
export function listNotices(
  trx: ShopTransaction,
  filter: { shopId: ShopId; isUnreadOnly: boolean; before?: NoticeId; limit: number },
): Promise<NoticeRow[]> {
  let query = trx
    .selectFrom("owner_notices")
    .selectAll()
    .where("shop_id", "=", filter.shopId)
    .orderBy("id", "desc")
    .limit(filter.limit);
  if (filter.isUnreadOnly) query = query.where("read_at", "is", null);
  if (filter.before !== undefined) query = query.where("id", "<", filter.before);
  return query.execute();
}

/** The first reading counts. Undefined: there is no such notice. */
export function markNoticeRead(
  trx: ShopTransaction,
  { shopId, noticeId, now }: { shopId: ShopId; noticeId: NoticeId; now: Date },
): Promise<NoticeRow | undefined> {
  return trx
    .updateTable("owner_notices")
    .set((eb) => ({ read_at: eb.fn.coalesce("read_at", eb.val(now)) }))
    .where("shop_id", "=", shopId)
    .where("id", "=", noticeId)
    .returningAll()
    .executeTakeFirst();
}
