import type { AccountId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";

/**
 * A device of an account, as blind indexes. `formerIndex`: of its kind and network, by which devices were told before
 * browsers had names; a program still is, and has one index.
 */
export type DeviceRef = { accountId: AccountId; deviceIndex: Buffer; formerIndex: Buffer };

/** `first`: the account had none before; `new`: it had others. One that was known in the former way is known by its own now. */
export async function rememberDevice(
  trx: ShopTransaction,
  { accountId, deviceIndex, formerIndex, now }: DeviceRef & { now: Date },
): Promise<"first" | "new" | "known"> {
  for (const known of [deviceIndex, formerIndex]) {
    const { numUpdatedRows } = await trx
      .updateTable("known_devices")
      .set({ device_index: deviceIndex, last_seen_at: now })
      .where("account_id", "=", accountId)
      .where("device_index", "=", known)
      .executeTakeFirst();
    if (numUpdatedRows > 0n) return "known";
  }
  const other = await trx
    .selectFrom("known_devices")
    .where("account_id", "=", accountId)
    .select("device_index")
    .limit(1)
    .executeTakeFirst();
  const inserted = await trx
    .insertInto("known_devices")
    .values({ account_id: accountId, device_index: deviceIndex, created_at: now, last_seen_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning("account_id")
    .executeTakeFirst();
  if (inserted === undefined) return "known";
  return other === undefined ? "first" : "new";
}

/** The index by which the device is known; undefined: it is not. */
export async function findKnownDevice(
  trx: ShopTransaction,
  { accountId, deviceIndex, formerIndex }: DeviceRef,
): Promise<Buffer | undefined> {
  const rows = await trx
    .selectFrom("known_devices")
    .where("account_id", "=", accountId)
    .where("device_index", "in", [deviceIndex, formerIndex])
    .select("device_index as index")
    .execute();
  const indexes = rows.map(({ index }) => index);
  return indexes.find((index) => index.equals(deviceIndex)) ?? indexes[0];
}

/** Whoever has the account from now on may be another person than the one who used it there. */
export async function forgetDevices(trx: ShopTransaction, accountId: AccountId): Promise<void> {
  await trx.deleteFrom("known_devices").where("account_id", "=", accountId).execute();
}
