import type { Selectable } from "kysely";

import { AppError } from "../domain/app-error.ts";
import type { PageId, ShopId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PagesTable } from "./schema/tenancy.ts";

export type PageRow = Selectable<PagesTable>;

export function listPages(trx: ShopTransaction, shopId: ShopId): Promise<PageRow[]> {
  return trx
    .selectFrom("pages")
    .selectAll()
    .where("shop_id", "=", shopId)
    .orderBy("created_at")
    .orderBy("id")
    .execute();
}

/** The shop's own row of a Page, whose id the token is sealed with; another shop's Page is not seen. */
export function findPageByMetaId(
  trx: ShopTransaction,
  { shopId, metaPageId }: { shopId: ShopId; metaPageId: string },
): Promise<PageRow | undefined> {
  return trx
    .selectFrom("pages")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("meta_page_id", "=", metaPageId)
    .executeTakeFirst();
}

/** Connects a Page, or connects it again. Throws `conflict` `page.taken` while it belongs to another shop. */
export async function putPage(
  trx: ShopTransaction,
  page: {
    shopId: ShopId;
    id: PageId;
    metaPageId: string;
    name: string;
    /** Place: the shop, `secret`, `page.token`, the Page's id. */
    token: Sealed;
    now: Date;
  },
): Promise<void> {
  const { shopId, id, metaPageId, name, token, now } = page;
  const inserted = await trx
    .insertInto("pages")
    .values({
      shop_id: shopId,
      id,
      meta_page_id: metaPageId,
      name,
      token,
      state: "connected",
      checked_at: now,
      created_at: now,
    })
    .onConflict((conflict) => conflict.column("meta_page_id").doNothing())
    .returning("id")
    .executeTakeFirst();
  if (inserted !== undefined) return;
  const { numUpdatedRows } = await trx
    .updateTable("pages")
    .set((eb) => ({
      name,
      token,
      state: "connected" as const,
      problem: null,
      checked_at: now,
      version: eb("version", "+", 1),
    }))
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("meta_page_id", "=", metaPageId)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) return;
  throw new AppError("conflict", "page.taken", {
    internal: `page ${metaPageId} belongs to another shop or row`,
    public: "This Page is connected to another shop.",
  });
}

/** False when it was not connected. Its webhooks are dropped from now on. */
export async function disconnectPage(
  trx: ShopTransaction,
  { shopId, id }: { shopId: ShopId; id: PageId },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("pages")
    .set((eb) => ({ state: "disconnected" as const, version: eb("version", "+", 1) }))
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("state", "<>", "disconnected")
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
