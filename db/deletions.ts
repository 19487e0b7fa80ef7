import { sql } from "kysely";
import type { RawBuilder } from "kysely";

import type { CustomerId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";

/** Of these messages those that the customer took back, whenever the deletion came: its event is remembered in the intake. */
export async function listTakenBack(
  trx: ShopTransaction,
  {
    shopId,
    customerIds,
    midHashes,
  }: { shopId: ShopId; customerIds: CustomerId[]; midHashes: readonly (Buffer | null)[] },
): Promise<Buffer[]> {
  const hashes = midHashes.flatMap((hash) => hash ?? []);
  if (hashes.length === 0) return [];
  const rows = await trx
    .selectFrom("intake")
    .select("mid_hash")
    .distinct()
    .where("shop_id", "=", shopId)
    .where("customer_id", "in", customerIds)
    .where("kind", "=", "deleted")
    .where("mid_hash", "in", hashes)
    .execute();
  return rows.flatMap(({ mid_hash: hash }) => hash ?? []);
}

type Told = { shopId: ShopId; customerId: CustomerId; midHashes: readonly (Buffer | null)[] };

/** True when one of the messages was taken back; under the conversation's lock it stays so until commit. */
export async function isTakenBack(trx: ShopTransaction, told: Told): Promise<boolean> {
  const { rows } = await sql<{ is: boolean }>`select ${takenBack(told)} as is`.execute(trx);
  return rows[0]?.is === true;
}

/** The same, for a statement that asks for more. */
export function takenBack({ shopId, customerId, midHashes }: Told): RawBuilder<boolean> {
  const hashes = midHashes.flatMap((hash) => hash ?? []);
  return sql<boolean>`exists (select from intake where shop_id = ${shopId} and customer_id = ${customerId}
    and kind = 'deleted' and mid_hash = any(${hashes}))`;
}
