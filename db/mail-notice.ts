import { isMailed } from "../domain/account/mailed-notices.ts";
import type { NoticeId, ShopId } from "../domain/id.ts";
import type { NoticeKind } from "../domain/order/notice-texts.ts";
import type { ShopTransaction } from "./connection.ts";
import { queueMails } from "./mails.ts";
import { listOwners } from "./memberships.ts";
import type { NoticeData } from "./schema/operations.ts";
import { getShop } from "./shops.ts";

type Told = { shopId: ShopId; id: NoticeId; kind: NoticeKind; data: NoticeData; now: Date };

/** In the transaction of a new notice: to the owners by mail as well, if it is of a kind that they must not miss. */
export async function mailNotice(
  trx: ShopTransaction,
  { shopId, id, kind, data: { invoiceNumber }, now }: Told,
): Promise<void> {
  if (!isMailed(kind)) return;
  const { name: shopName } = await getShop(trx, { shopId });
  const owners = await listOwners(trx, shopId);
  const data = { notice: kind, shopName, ...(invoiceNumber === undefined ? {} : { invoiceNumber }) };
  await queueMails(
    trx,
    owners.map(({ accountId, language }) => {
      const businessKey = `notice:${id}:${accountId}`;
      return { accountId, kind: "owner_notice" as const, businessKey, data, language, now };
    }),
  );
}
