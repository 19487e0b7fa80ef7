import type { CustomerId, PageId, ShopId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";

export type NewDeadLetter = {
  id: string;
  pageId: PageId | null;
  /** Null: nobody knows whose it is. */
  customerId: CustomerId | null;
  /** A code, never a text of the event. */
  reason: string;
  eventKey: Buffer;
  midHash: Buffer | null;
  /** Masked, then sealed. Place: the customer, `chat`, or the shop, `secret`; `dead_letter.body`, the id. */
  body: Sealed;
  receivedAt: Date;
};

/** What could be neither understood nor stored, once however often it comes. */
export async function insertDeadLetters(
  trx: ShopTransaction,
  { shopId, letters }: { shopId: ShopId; letters: NewDeadLetter[] },
): Promise<void> {
  if (letters.length === 0) return;
  await trx
    .insertInto("dead_letters")
    .values(
      letters.map((letter) => ({
        shop_id: shopId,
        id: letter.id,
        page_id: letter.pageId,
        customer_id: letter.customerId,
        reason: letter.reason,
        event_key: letter.eventKey,
        mid_hash: letter.midHash,
        body: letter.body,
        received_at: letter.receivedAt,
      })),
    )
    .onConflict((conflict) => conflict.columns(["shop_id", "event_key"]).doNothing())
    .execute();
}

/** What was taken back is not kept here either, also where nobody knew then whose it was. */
export async function deleteDeadLetters(
  trx: ShopTransaction,
  { shopId, customerIds, midHashes }: { shopId: ShopId; customerIds: CustomerId[]; midHashes: Buffer[] },
): Promise<void> {
  if (midHashes.length === 0) return;
  await trx
    .deleteFrom("dead_letters")
    .where("shop_id", "=", shopId)
    .where((eb) => eb.or([eb("customer_id", "in", customerIds), eb("customer_id", "is", null)]))
    .where("mid_hash", "in", midHashes)
    .execute();
}
