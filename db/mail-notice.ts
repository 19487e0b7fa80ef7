import { pageOfNotice } from "../domain/account/notice-topics.ts";
import { scopesOf } from "../domain/account/scopes.ts";
import type { NoticeId, ShopId } from "../domain/id.ts";
import type { NoticeData, NoticeKind } from "../domain/order/notice-texts.ts";
import type { ShopTransaction } from "./connection.ts";
import { queueMails } from "./mails.ts";
import type { Readers } from "./notice-readers.ts";
import { getShop } from "./shops.ts";

type Told = { shopId: ShopId; id: NoticeId; kind: NoticeKind; data: NoticeData; now: Date };

/** In the transaction of a new notice: to those who are told by mail as well. */
export async function mailNotice(
  trx: ShopTransaction,
  { shopId, id, kind, data: facts, now }: Told,
  readers: Readers["email"],
): Promise<void> {
  if (readers.length === 0) return;
  const { name: shopName } = await getShop(trx, { shopId });
  await queueMails(
    trx,
    readers.map(({ accountId, language, role }) => {
      const data = { notice: kind, page: pageOfNotice(kind, scopesOf[role]), shopName, facts };
      const businessKey = `notice:${id}:${accountId}`;
      return { accountId, kind: "owner_notice" as const, businessKey, data, language, now };
    }),
  );
}
