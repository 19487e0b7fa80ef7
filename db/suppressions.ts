import type { ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";

/** Safe to run twice: the later time counts. Those of the shop that are over go. */
export async function insertSuppression(
  trx: ShopTransaction,
  {
    shopId,
    senderIndex,
    erasedAt,
    until,
  }: { shopId: ShopId; senderIndex: Buffer; erasedAt: Date; until: Date },
): Promise<void> {
  await trx.deleteFrom("suppressions").where("shop_id", "=", shopId).where("until", "<=", erasedAt).execute();
  await trx
    .insertInto("suppressions")
    .values({ shop_id: shopId, sender_index: senderIndex, erased_at: erasedAt, until })
    .onConflict((conflict) =>
      conflict.columns(["shop_id", "sender_index"]).doUpdateSet({ erased_at: erasedAt, until }),
    )
    .execute();
}
