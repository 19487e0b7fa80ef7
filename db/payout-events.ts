import type { Insertable, Selectable } from "kysely";

import type { PayoutId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PayoutEventsTable } from "./schema/referral.ts";

export type PayoutEventRow = Selectable<PayoutEventsTable>;

/** In the transaction of the change that they tell of. */
export async function insertPayoutEvents(
  trx: ShopTransaction,
  events: Insertable<PayoutEventsTable>[],
): Promise<void> {
  await trx.insertInto("payout_events").values(events).execute();
}

/** What became of a payout and by whose word, oldest first. */
export function listPayoutEvents(trx: ShopTransaction, payoutId: PayoutId): Promise<PayoutEventRow[]> {
  return trx
    .selectFrom("payout_events")
    .selectAll()
    .where("payout_id", "=", payoutId)
    .orderBy("version")
    .execute();
}
