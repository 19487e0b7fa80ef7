import type { PageId, ShopId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";

export type NewDeadLetter = {
  id: string;
  pageId: PageId | null;
  /** A code, never a text of the event. */
  reason: string;
  eventKey: Buffer;
  /** Masked, then sealed. Place: the shop, `secret`, `dead_letter.body`, the id. */
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
        reason: letter.reason,
        event_key: letter.eventKey,
        body: letter.body,
        received_at: letter.receivedAt,
      })),
    )
    .onConflict((conflict) => conflict.columns(["shop_id", "event_key"]).doNothing())
    .execute();
}
