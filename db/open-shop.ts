import { defaultConversationTimings } from "../domain/conversation/timings.ts";
import type { AccountId } from "../domain/id.ts";
import { defaultOrderTimings } from "../domain/order/timings.ts";
import type { NewKey } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";
import { putMembership } from "./memberships.ts";
import { insertShop } from "./shops.ts";
import type { NewShop } from "./shops.ts";

type Timings = "orderTimings" | "conversationTimings";

export type ShopToOpen = {
  /** Without timings, the usual ones. */
  shop: Omit<NewShop, Timings> & Partial<Pick<NewShop, Timings>>;
  ownerId: AccountId;
  keys: NewKey[];
  now: Date;
};

/** The one way in which shops are made: with their owner, in `withShop(shop.id)`. */
export async function openShop(
  trx: ShopTransaction,
  { shop, ownerId: accountId, keys, now }: ShopToOpen,
): Promise<void> {
  const timings = { orderTimings: defaultOrderTimings, conversationTimings: defaultConversationTimings };
  await insertShop(trx, { shop: { ...timings, ...shop }, keys, now });
  await putMembership(trx, { shopId: shop.id, accountId, role: "owner", now });
}
