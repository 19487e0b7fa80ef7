import type { AccountId, ShopId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";

/**
 * One row a token: a device that comes back, or changes hands, keeps its row and the token sealed in it.
 * Returns the id of the row that holds the token. `registeredAt` is that of the first time.
 */
export async function registerDevice(
  trx: ShopTransaction,
  device: {
    shopId: ShopId;
    deviceId: string;
    accountId: AccountId;
    tokenIndex: Buffer;
    token: Sealed;
    now: Date;
  },
): Promise<{ deviceId: string; registeredAt: Date }> {
  const row = await trx
    .insertInto("devices")
    .values({
      shop_id: device.shopId,
      id: device.deviceId,
      account_id: device.accountId,
      token_index: device.tokenIndex,
      token: device.token,
      created_at: device.now,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["shop_id", "token_index"])
        .doUpdateSet({ account_id: device.accountId, gone_at: null }),
    )
    .returning(["id", "created_at"])
    .executeTakeFirstOrThrow();
  return { deviceId: row.id, registeredAt: row.created_at };
}

/** False: the account has no such device. Safe to run twice: what is gone stays gone. */
export async function removeDevice(
  trx: ShopTransaction,
  device: { shopId: ShopId; deviceId: string; accountId: AccountId; now: Date },
): Promise<boolean> {
  const row = await trx
    .updateTable("devices")
    .set((eb) => ({ gone_at: eb.fn.coalesce("gone_at", eb.val(device.now)) }))
    .where("shop_id", "=", device.shopId)
    .where("id", "=", device.deviceId)
    .where("account_id", "=", device.accountId)
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

/** No pushes of the shop go to the account any more. */
export async function removeDevicesOf(
  trx: ShopTransaction,
  { shopId, accountId, now }: { shopId: ShopId; accountId: AccountId; now: Date },
): Promise<void> {
  await trx
    .updateTable("devices")
    .set({ gone_at: now })
    .where("shop_id", "=", shopId)
    .where("account_id", "=", accountId)
    .where("gone_at", "is", null)
    .execute();
}
