import { sql } from "kysely";

import type { PageId, ShopId } from "../domain/id.ts";
import { beginGap } from "../domain/messenger/page-gap.ts";
import type { PageGap } from "../domain/messenger/page-gap.ts";
import type { ShopTransaction } from "./connection.ts";

type Ref = { shopId: ShopId; pageId: PageId };

/**
 * Marks that webhooks may be missing since the last event that we have, unless it is marked. Before the Page is subscribed
 * again: what comes by the webhook from then on would hide where the gap began. A disconnected Page misses nothing.
 */
export async function openGap(
  trx: ShopTransaction,
  { shopId, pageId, wasBroken, now }: Ref & { wasBroken: boolean; now: Date },
): Promise<void> {
  const page = await trx
    .selectFrom("pages")
    .select((eb) => ["version", "gap", eb.fn.coalesce("connected_at", "created_at").as("connectedAt")])
    .where("shop_id", "=", shopId)
    .where("id", "=", pageId)
    .where("state", "<>", "disconnected")
    .executeTakeFirst();
  if (page === undefined) return;
  if (page.gap !== null) {
    // The owner was told that it broke, once more perhaps, and is to be told that it works.
    const told = { ...page.gap, key: page.version, wasBroken: true };
    const isTold = page.gap.wasBroken && page.gap.key === page.version;
    if (wasBroken && !isTold) await setGap(trx, { shopId, pageId, from: page.gap, to: told });
    return;
  }
  const last = await trx
    .selectFrom("conversations")
    .select((eb) => eb.fn.max<Date | null>("last_customer_action_at").as("at"))
    .where("shop_id", "=", shopId)
    .where("page_id", "=", pageId)
    .executeTakeFirst();
  const { version: key, connectedAt } = page;
  const lastEventAt = last?.at ?? connectedAt;
  const gap = beginGap({ key, wasBroken, lastEventAt, connectedAt, now });
  await trx
    .updateTable("pages")
    .set({ gap: JSON.stringify(gap) })
    .where("shop_id", "=", shopId)
    .where("id", "=", pageId)
    .where("state", "<>", "disconnected")
    .where("gap", "is", null)
    .execute();
}

/** The mark of a Page that works, and that breaks after the commit at the earliest; null: it has none, or does not work. */
export async function lockWorkingGap(trx: ShopTransaction, { shopId, pageId }: Ref): Promise<PageGap | null> {
  const page = await trx
    .selectFrom("pages")
    .select("gap")
    .where("shop_id", "=", shopId)
    .where("id", "=", pageId)
    .where("state", "=", "connected")
    .forUpdate()
    .executeTakeFirst();
  return page?.gap ?? null;
}

/** False: somebody else has moved the mark meanwhile, and goes on. */
export async function setGap(
  trx: ShopTransaction,
  { shopId, pageId, from, to }: Ref & { from: PageGap; to: PageGap | null },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("pages")
    .set({ gap: to === null ? null : JSON.stringify(to) })
    .where("shop_id", "=", shopId)
    .where("id", "=", pageId)
    .where(sql<boolean>`gap = ${JSON.stringify(from)}::jsonb`)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Which of these messages the Page's conversations or its outbox know, wherever they came from. */
export async function listKnownMids(
  trx: ShopTransaction,
  { shopId, midHashes }: { shopId: ShopId; midHashes: Buffer[] },
): Promise<Buffer[]> {
  if (midHashes.length === 0) return [];
  const { rows } = await sql<{ mid_hash: Buffer }>`
    select mid_hash from messages where shop_id = ${shopId} and mid_hash = any(${midHashes})
    union select mid_hash from outbox where shop_id = ${shopId} and mid_hash = any(${midHashes})
    union select mid_hash from intake where shop_id = ${shopId} and mid_hash = any(${midHashes})`.execute(
    trx,
  );
  return rows.map((row) => row.mid_hash);
}
