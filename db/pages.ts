import { sql } from "kysely";
import type { Insertable, Selectable } from "kysely";

import { AppError } from "../domain/app-error.ts";
import type { PageId, ShopId } from "../domain/id.ts";
import type { Sealed, SealedPlace } from "../domain/sealing.ts";
import { shopSubject } from "../domain/shop/shop-subject.ts";
import { sqlState } from "./connection.ts";
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

/** The shop's own row of a Page, whose id the token is sealed with, be the Page another shop's by now. */
export function findPageByMetaId(
  trx: ShopTransaction,
  { shopId, metaPageId }: { shopId: ShopId; metaPageId: string },
): Promise<PageRow | undefined> {
  return trx
    .selectFrom("pages")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where((eb) => eb.or([eb("meta_page_id", "=", metaPageId), eb("left_meta_page_id", "=", metaPageId)]))
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

/** Held until commit: it neither breaks nor is mended meanwhile. */
function lockPage(
  trx: ShopTransaction,
  { shopId, pageId }: { shopId: ShopId; pageId: PageId },
): Promise<PageRow | undefined> {
  return trx
    .selectFrom("pages")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", pageId)
    .forUpdate()
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

type ToPut = {
  shopId: ShopId;
  id: PageId;
  metaPageId: string;
  name: string;
  /** See `pageTokenPlace`. */
  token: Sealed;
  personIndex?: Buffer | null;
  now: Date;
};

/**
 * Connects a Page, or connects it again: what a broken one missed is to be read back, not what came while the shop had
 * disconnected it. Throws `conflict` `page.taken` while it belongs to another shop.
 */
export async function putPage(trx: ShopTransaction, page: ToPut): Promise<void> {
  const { shopId, id, metaPageId, name, token, personIndex = null, now } = page;
  const given = { meta_page_id: metaPageId, name, token, person_index: personIndex, token_at: now };
  const connected = { ...given, state: "connected" as const, problem: null, checked_at: now };
  const before = await lockPage(trx, { shopId, pageId: id });
  if (before === undefined) return insertPage(trx, { ...connected, shop_id: shopId, id, created_at: now });
  const wasBroken = before.state === "broken" || before.refused_at !== null;
  if (wasBroken) await openGap(trx, { shopId, pageId: id, wasBroken, now });
  try {
    await trx
      .updateTable("pages")
      .set((eb) => ({
        ...connected,
        left_meta_page_id: null,
        refused_at: null,
        connected_at: sql<Date>`case when state = 'disconnected' then ${now} else connected_at end`,
        version: eb("version", "+", 1),
      }))
      .where("shop_id", "=", shopId)
      .where("id", "=", id)
      .execute();
  } catch (error) {
    throw sqlState(error) === uniqueViolation ? isTaken(metaPageId) : error;
  }
}

/** The first one of two that come at the same time wins, be they of one shop. */
async function insertPage(trx: ShopTransaction, row: Insertable<PagesTable>): Promise<void> {
  const inserted = await trx
    .insertInto("pages")
    .values(row)
    .onConflict((conflict) => conflict.column("meta_page_id").doNothing())
    .returning("id")
    .executeTakeFirst();
  if (inserted === undefined) throw isTaken(row.meta_page_id);
}

const uniqueViolation = "23505";

/** Whose it is stays unsaid. */
export function isTaken(metaPageId: string): AppError {
  return new AppError("conflict", "page.taken", {
    internal: `page ${metaPageId} belongs to another shop or row`,
    public: "This Page is connected to another shop. It must be disconnected there first.",
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
      refused_at: null,
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
