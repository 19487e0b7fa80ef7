import { sql } from "kysely";

import type { CustomerId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import { takenBack } from "./deletions.ts";
import { isLimited } from "./processing-limits.ts";
import { hasBasis } from "./shop-purposes.ts";

/**
 * The person is being erased or is frozen, or wants no machine; or the shop rests talking to its customers on nothing; or
 * one of the messages was taken back.
 */
export type Objection = "subject.not_active" | "subject.no_ai" | "shop.no_basis" | "message.taken_back";

type Found = { isActive: boolean; isWithoutAi: boolean; hasBasis: boolean; isTakenBack: boolean };

/**
 * The fence before anybody outside reads these messages: what stands against it now. Without the conversation's lock it
 * holds for this instant only.
 */
export async function findObjection(
  trx: ShopTransaction,
  told: { shopId: ShopId; customerId: CustomerId; midHashes: readonly (Buffer | null)[] },
): Promise<Objection | null> {
  const subject = { shopId: sql.val(told.shopId), subjectId: sql.val(told.customerId) };
  const purpose = { shopId: sql.val(told.shopId), purpose: sql.lit("conversation") };
  const { rows } = await sql<Found>`
    select state = 'active' as "isActive", ${isLimited(subject, "no_ai")} as "isWithoutAi",
      ${hasBasis(purpose)} as "hasBasis",
      ${takenBack(told)} as "isTakenBack"
    from subjects where shop_id = ${told.shopId} and id = ${told.customerId}`.execute(trx);
  if (rows[0]?.isActive !== true) return "subject.not_active";
  if (rows[0].isWithoutAi) return "subject.no_ai";
  if (!rows[0].hasBasis) return "shop.no_basis";
  return rows[0].isTakenBack ? "message.taken_back" : null;
}
