import { sql } from "kysely";

import type { CustomerId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import { takenBack } from "./deletions.ts";

/** The person is being erased or is frozen; or one of the messages was taken back. */
export type Objection = "subject.not_active" | "message.taken_back";

/**
 * The fence before anybody outside reads these messages: what stands against it now. Without the conversation's lock it
 * holds for this instant only.
 */
export async function findObjection(
  trx: ShopTransaction,
  told: { shopId: ShopId; customerId: CustomerId; midHashes: readonly (Buffer | null)[] },
): Promise<Objection | null> {
  const { rows } = await sql<{ isActive: boolean; isTakenBack: boolean }>`
    select state = 'active' as "isActive", ${takenBack(told)} as "isTakenBack"
    from subjects where shop_id = ${told.shopId} and id = ${told.customerId}`.execute(trx);
  if (rows[0]?.isActive !== true) return "subject.not_active";
  return rows[0].isTakenBack ? "message.taken_back" : null;
}
