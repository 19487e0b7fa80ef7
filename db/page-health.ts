import type { Selectable } from "kysely";

import type { PageId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PagesTable } from "./schema/tenancy.ts";

export function findPage(
  trx: ShopTransaction,
  { shopId, pageId }: { shopId: ShopId; pageId: PageId },
): Promise<Selectable<PagesTable> | undefined> {
  return trx
    .selectFrom("pages")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", pageId)
    .executeTakeFirst();
}

/** Sending stops until the Page is connected again. False: it was known to be broken. */
export async function markPageBroken(
  trx: ShopTransaction,
  { shopId, pageId, problem }: { shopId: ShopId; pageId: PageId; problem: string },
): Promise<boolean> {
  const result = await trx
    .updateTable("pages")
    .set({ state: "broken", problem })
    .where("shop_id", "=", shopId)
    .where("id", "=", pageId)
    .where("state", "=", "connected")
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function markPageHealthy(
  trx: ShopTransaction,
  { shopId, pageId, now }: { shopId: ShopId; pageId: PageId; now: Date },
): Promise<void> {
  await trx
    .updateTable("pages")
    .set({ state: "connected", problem: null, checked_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", pageId)
    .where("state", "<>", "disconnected")
    .execute();
}

/** Nothing is sent through the Page until then. */
export async function pausePage(
  trx: ShopTransaction,
  { shopId, pageId, until }: { shopId: ShopId; pageId: PageId; until: Date },
): Promise<void> {
  await trx
    .updateTable("pages")
    .set({ paused_until: until })
    .where("shop_id", "=", shopId)
    .where("id", "=", pageId)
    .execute();
}
