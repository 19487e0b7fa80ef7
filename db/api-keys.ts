import type { AccountId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";

export async function insertApiKey(
  trx: ShopTransaction,
  key: {
    shopId: ShopId;
    id: string;
    tokenHash: Buffer;
    name: string;
    createdBy: AccountId | null;
    expiresAt: Date | null;
    now: Date;
  },
): Promise<void> {
  await trx
    .insertInto("api_keys")
    .values({
      shop_id: key.shopId,
      id: key.id,
      token_hash: key.tokenHash,
      name: key.name,
      created_by: key.createdBy,
      created_at: key.now,
      expires_at: key.expiresAt,
    })
    .execute();
}

/** False when there is no such living key. */
export async function revokeApiKey(
  trx: ShopTransaction,
  { shopId, id, now }: { shopId: ShopId; id: string; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("api_keys")
    .set({ revoked_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
