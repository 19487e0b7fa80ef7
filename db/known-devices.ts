import type { AccountId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";

/** Device and network of an account, as a blind index. */
export type DeviceRef = { accountId: AccountId; deviceIndex: Buffer };

/** `first`: the account had none before; `new`: it had others. */
export async function rememberDevice(
  trx: ShopTransaction,
  { accountId, deviceIndex, now }: DeviceRef & { now: Date },
): Promise<"first" | "new" | "known"> {
  const other = await trx
    .selectFrom("known_devices")
    .where("account_id", "=", accountId)
    .select("device_index")
    .limit(1)
    .executeTakeFirst();
  const inserted = await trx
    .insertInto("known_devices")
    .values({ account_id: accountId, device_index: deviceIndex, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning("account_id")
    .executeTakeFirst();
  if (inserted === undefined) return "known";
  return other === undefined ? "first" : "new";
}

export async function isKnownDevice(
  trx: ShopTransaction,
  { accountId, deviceIndex }: DeviceRef,
): Promise<boolean> {
  const known = await trx
    .selectFrom("known_devices")
    .where("account_id", "=", accountId)
    .where("device_index", "=", deviceIndex)
    .select("account_id")
    .executeTakeFirst();
  return known !== undefined;
}

/** Whoever has the account from now on may be another person than the one who used it there. */
export async function forgetDevices(trx: ShopTransaction, accountId: AccountId): Promise<void> {
  await trx.deleteFrom("known_devices").where("account_id", "=", accountId).execute();
}
