import type { Selectable } from "kysely";

import { AppError } from "../domain/app-error.ts";
import type { PageId, ShopId } from "../domain/id.ts";
import type { Sealed, SealedPlace } from "../domain/sealing.ts";
import { shopSubject } from "../domain/shop/shop-subject.ts";
import type { ShopTransaction } from "./connection.ts";
import { openGap } from "./page-gaps.ts";
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

export function findPage(
  trx: ShopTransaction,
  { shopId, pageId }: { shopId: ShopId; pageId: PageId },
): Promise<PageRow | undefined> {
  return trx
    .selectFrom("pages")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", pageId)
    .executeTakeFirst();
}

/** Throws where `findPage` does not. */
export async function getPage(
  trx: ShopTransaction,
  ref: { shopId: ShopId; pageId: PageId },
): Promise<PageRow> {
  const page = await findPage(trx, ref);
  if (page !== undefined) return page;
  throw new AppError("not_found", "page.not_found", { internal: `no page ${ref.pageId}` });
}

/**
 * Connects a Page, or connects it again: what a broken one missed is to be read back, not what came while the shop had
 * disconnected it. Throws `conflict` `page.taken` while it belongs to another shop.
 */
export async function putPage(
  trx: ShopTransaction,
  page: {
    shopId: ShopId;
    id: PageId;
    metaPageId: string;
    name: string;
    /** See `pageTokenPlace`. */
    token: Sealed;
    personIndex?: Buffer | null;
    now: Date;
  },
): Promise<void> {
  const { shopId, id, metaPageId, name, token, personIndex = null, now } = page;
  const inserted = await trx
    .insertInto("pages")
    .values({
      shop_id: shopId,
      id,
      meta_page_id: metaPageId,
      name,
      token,
      person_index: personIndex,
      state: "connected",
      checked_at: now,
      created_at: now,
    })
    .onConflict((conflict) => conflict.column("meta_page_id").doNothing())
    .returning("id")
    .executeTakeFirst();
  if (inserted !== undefined) return;
  const before = await findPage(trx, { shopId, pageId: id });
  if (before?.state === "broken") await openGap(trx, { shopId, pageId: id, wasBroken: true, now });
  const { numUpdatedRows } = await trx
    .updateTable("pages")
    .set((eb) => ({
      name,
      token,
      person_index: personIndex,
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

/**
 * False when it was not connected. Its webhooks are dropped from now on, nothing is sent, and the token is replaced by
 * `noToken`, which holds none.
 */
export async function disconnectPage(
  trx: ShopTransaction,
  { shopId, id, noToken }: { shopId: ShopId; id: PageId; noToken: Sealed },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("pages")
    .set((eb) => ({
      state: "disconnected" as const,
      problem: null,
      token: noToken,
      person_index: null,
      routing: "unknown" as const,
      gap: null,
      version: eb("version", "+", 1),
    }))
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("state", "<>", "disconnected")
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Where a Page's token is sealed. */
export function pageTokenPlace(shopId: ShopId, pageId: PageId): SealedPlace {
  const subjectId = shopSubject(shopId);
  return { shopId, subjectId, purpose: "secret", field: "page.token", rowId: pageId };
}
