import { sql } from "kysely";
import type { ExpressionBuilder, Selectable } from "kysely";

import type { AccountId, NoticeId, ShopId } from "../domain/id.ts";
import type { NoticeKind } from "../domain/order/notice-texts.ts";
import type { ShopTransaction } from "./connection.ts";
import type { Schema } from "./schema/index.ts";
import type { OwnerNoticesTable } from "./schema/operations.ts";

export type NoticeRow = Selectable<OwnerNoticesTable>;

/** Whoever looks: sees what is of these kinds, and for the account or for nobody in particular. */
export type SeenBy = { shopId: ShopId; accountId: AccountId | null; kinds: readonly NoticeKind[] };

/** Newest first; `before` is the last id of the page above. */
export function listNotices(
  trx: ShopTransaction,
  filter: SeenBy & { isUnreadOnly: boolean; before?: NoticeId; limit: number },
): Promise<NoticeRow[]> {
  let query = trx
    .selectFrom("owner_notices")
    .selectAll()
    .where("shop_id", "=", filter.shopId)
    .where(isSeen(filter))
    .orderBy("id", "desc")
    .limit(filter.limit);
  if (filter.isUnreadOnly) query = query.where("read_at", "is", null);
  if (filter.before !== undefined) query = query.where("id", "<", filter.before);
  return query.execute();
}

/** The first reading counts. Undefined: there is no such notice. */
export function markNoticeRead(
  trx: ShopTransaction,
  { noticeId, now, ...seen }: SeenBy & { noticeId: NoticeId; now: Date },
): Promise<NoticeRow | undefined> {
  return trx
    .updateTable("owner_notices")
    .set((eb) => ({ read_at: eb.fn.coalesce("read_at", eb.val(now)) }))
    .where("shop_id", "=", seen.shopId)
    .where("id", "=", noticeId)
    .where(isSeen(seen))
    .returningAll()
    .executeTakeFirst();
}

/** How many of them nobody has read. */
export function countUnread(eb: ExpressionBuilder<Schema, never>, seen: SeenBy) {
  return eb
    .selectFrom("owner_notices")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("shop_id", "=", seen.shopId)
    .where("read_at", "is", null)
    .where(isSeen(seen))
    .$asScalar()
    .$notNull();
}

function isSeen({ kinds, accountId }: Pick<SeenBy, "kinds" | "accountId">) {
  return sql<boolean>`kind = any (${kinds}::text[]) and (account_id is null or account_id = ${accountId})`;
}
