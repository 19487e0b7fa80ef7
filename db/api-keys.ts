import type { AccountId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";

export async function insertApiKey(
  trx: ShopTransaction,
  key: {
    shopId: ShopId;
    id: string;
    tokenHash: Buffer;
    name: string;
    /** Left out: all that a key may have. */
    scopes?: readonly string[];
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
      scopes: key.scopes === undefined ? null : [...key.scopes],
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

/** Those that the account made. Safe to run twice. */
export async function revokeKeysOf(
  trx: ShopTransaction,
  { shopId, accountId, now }: { shopId: ShopId; accountId: AccountId; now: Date },
): Promise<void> {
  await trx
    .updateTable("api_keys")
    .set({ revoked_at: now })
    .where("shop_id", "=", shopId)
    .where("created_by", "=", accountId)
    .where("revoked_at", "is", null)
    .execute();
}

export type ApiKey = {
  id: string;
  name: string;
  scopes: string[] | null;
  createdAt: Date;
  lastUsedAt: Date | null;
  expiresAt: Date | null;
};

/** The living ones, newest first; `before` is the last id of the page above. */
export function listApiKeys(
  trx: ShopTransaction,
  { shopId, now, before, limit }: { shopId: ShopId; now: Date; before?: string; limit: number },
): Promise<ApiKey[]> {
  let query = trx
    .selectFrom("api_keys")
    .where("shop_id", "=", shopId)
    .where("revoked_at", "is", null)
    .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now)]))
    .select([
      "id",
      "name",
      "scopes",
      "created_at as createdAt",
      "last_used_at as lastUsedAt",
      "expires_at as expiresAt",
    ])
    .orderBy("id", "desc")
    .limit(limit);
  if (before !== undefined) query = query.where("id", "<", before);
  return query.execute();
}
