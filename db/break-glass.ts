import type { Selectable } from "kysely";

import type { BreakGlassTimes } from "../domain/access/break-glass.ts";
import type { AccountId, BreakGlassId, ShopId } from "../domain/id.ts";
import type { SealedPlace } from "../domain/sealing.ts";
import { accountPlace } from "./accounts.ts";
import type { ShopTransaction } from "./connection.ts";
import type { BreakGlassGrantsTable } from "./schema/access.ts";

export type BreakGlassRow = Selectable<BreakGlassGrantsTable>;

/** The reason is the words of whoever asked, under their own key. */
export function breakGlassReasonPlace({
  requestedBy,
  id,
}: {
  requestedBy: AccountId;
  id: BreakGlassId;
}): SealedPlace {
  return accountPlace(requestedBy, "break_glass.reason", id);
}

export function breakGlassTimes(row: BreakGlassRow): BreakGlassTimes {
  return {
    requestedBy: row.requested_by,
    requestedAt: row.requested_at,
    decidedBy: row.decided_by,
    approvedAt: row.approved_at,
    refusedAt: row.refused_at,
    toldAt: row.told_at,
    endsAt: row.ends_at,
    revokedAt: row.revoked_at,
  };
}

/** Of one shop, newest first; `before` is the last id of the page above. */
export function listBreakGlassOfShop(
  trx: ShopTransaction,
  { shopId, before, limit }: { shopId: ShopId; before?: BreakGlassId; limit: number },
): Promise<BreakGlassRow[]> {
  const all = trx
    .selectFrom("break_glass_grants")
    .where("shop_id", "=", shopId)
    .selectAll()
    .orderBy("id", "desc")
    .limit(limit);
  return (before === undefined ? all : all.where("id", "<", before)).execute();
}

/** How often something was read under each of the grants. */
export async function countBreakGlassReads(
  trx: ShopTransaction,
  { shopId, ids }: { shopId: ShopId; ids: readonly BreakGlassId[] },
): Promise<ReadonlyMap<BreakGlassId, number>> {
  if (ids.length === 0) return new Map();
  const rows = await trx
    .selectFrom("audit_events")
    .where("shop_id", "=", shopId)
    .where("action", "=", "break_glass.read")
    .where("resource_id", "in", ids)
    .select(({ fn }) => ["resource_id as id", fn.countAll<number>().as("count")])
    .groupBy("resource_id")
    .execute();
  return new Map(rows.flatMap(({ id, count }) => (id === null ? [] : [[id as BreakGlassId, count]])));
}

type Ref = { shopId: ShopId; id: BreakGlassId; now: Date };

/** From here on it can be read. False: they were told before. */
export async function markBreakGlassTold(trx: ShopTransaction, { shopId, id, now }: Ref): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("break_glass_grants")
    .set({ told_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("told_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function markBreakGlassEndTold(
  trx: ShopTransaction,
  { shopId, id, now }: Ref,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("break_glass_grants")
    .set({ end_told_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("end_told_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
