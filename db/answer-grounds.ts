import { sql } from "kysely";

import type { CustomerId, ShopId } from "../domain/id.ts";
import type { ShopPurpose } from "../domain/privacy/shop-purpose.ts";
import type { ShopTransaction } from "./connection.ts";
import { isLimited } from "./processing-limits.ts";
import { hasBasis } from "./shop-purposes.ts";

export type AnswerGrounds = {
  /** The customer wants no machine to answer. */
  isWithoutAi: boolean;
  /** The shop rests talking to its customers on something, */
  mayTalk: boolean;
  /** and their orders and payments. */
  takesOrders: boolean;
};

/** In one statement, since every turn asks. */
export async function readAnswerGrounds(
  trx: ShopTransaction,
  { shopId, customerId }: { shopId: ShopId; customerId: CustomerId },
): Promise<AnswerGrounds> {
  const shop = sql.val(shopId);
  const rests = (purpose: ShopPurpose) => hasBasis({ shopId: shop, purpose: sql.lit(purpose) });
  const { rows } = await sql<AnswerGrounds>`select
    ${isLimited({ shopId: shop, subjectId: sql.val(customerId) }, "no_ai")} as "isWithoutAi",
    ${rests("conversation")} as "mayTalk", ${rests("order")} and ${rests("payment")} as "takesOrders"`.execute(
    trx,
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError("a select without a table has one row");
  return row;
}
