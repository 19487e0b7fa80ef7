import { sql } from "kysely";

import type { ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";

/**
 * What the grants are for goes on longer; none is cut short, and none that was taken back comes to life. Locks as who
 * reserves: by id, last in the transaction.
 */
export async function extendGrants(
  trx: ShopTransaction,
  { shopId, effectKeys, expiresAt }: { shopId: ShopId; effectKeys: readonly string[]; expiresAt: Date },
): Promise<void> {
  await sql`
    with longer as (
      select id from credit_grants
      where shop_id = ${shopId} and effect_key = any (${effectKeys}) and reversed_at is null
        and expires_at < ${expiresAt}
      order by id for update
    )
    update credit_grants g set expires_at = ${expiresAt} from longer
    where g.shop_id = ${shopId} and g.id = longer.id`.execute(trx);
}
