import type { ShopTransaction } from "../../db/connection.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { endRefusals, markPageBroken } from "../../db/page-health.ts";
import type { PageBreak } from "../../db/page-health.ts";
import { newId } from "../../domain/id.ts";
import type { PageId, ShopId } from "../../domain/id.ts";
import type { PageGap } from "../../domain/messenger/page-gap.ts";
import type { NoticeKind } from "../../domain/order/notice-texts.ts";

type Ref = { shopId: ShopId; pageId: PageId; now: Date };

/** One notice for each `key` of a Page. */
export async function tellOfPage(
  trx: ShopTransaction,
  { shopId, pageId, kind, key, now }: Ref & { kind: NoticeKind; key: string },
): Promise<void> {
  const businessKey = `page:${pageId}:${key}`;
  await insertNotice(trx, { shopId, id: newId(), kind, businessKey, data: {}, now });
}

/** Once for each gap, and for each time that the Page broke in it. */
export async function tellRestored(
  trx: ShopTransaction,
  { gap, ...page }: Ref & { gap: PageGap },
): Promise<void> {
  await tellOfPage(trx, { ...page, kind: "page_restored", key: `restored:${gap.key}:${gap.openedAt}` });
}

/**
 * Stops the sending, and tells the owner once for each time that it breaks; of refused sends once, however often a look
 * that finds the token well lets them try again. False: it was not as it had been seen.
 */
export async function breakPage(trx: ShopTransaction, page: PageBreak): Promise<boolean> {
  const broken = await markPageBroken(trx, page);
  if (broken === "new")
    await tellOfPage(trx, { ...page, kind: "page_broken", key: `broken:${page.version}` });
  return broken !== undefined;
}

const calmMs = 24 * 3_600_000;

/** A day without a refused send: it works, which no look at the token had proven. */
export async function tellOfCalm(trx: ShopTransaction, { now, ...page }: Ref): Promise<void> {
  if (!(await endRefusals(trx, { ...page, before: new Date(now.getTime() - calmMs) }))) return;
  await tellOfPage(trx, { ...page, now, kind: "page_restored", key: `restored:calm:${now.toISOString()}` });
}
