import type { ShopTransaction } from "../../db/connection.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { markPageBroken } from "../../db/page-health.ts";
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

/** Stops the sending, and tells the owner once for each time that it breaks. False: it was not as it had been seen. */
export async function breakPage(
  trx: ShopTransaction,
  page: Ref & { version: number; problem: string },
): Promise<boolean> {
  if (!(await markPageBroken(trx, page))) return false;
  await tellOfPage(trx, { ...page, kind: "page_broken", key: `broken:${page.version}` });
  return true;
}
