import type { Selectable } from "kysely";

import type { AccountEventKind } from "../domain/account/account-event.ts";
import { newId } from "../domain/id.ts";
import type { AccountId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { AccountEventsTable } from "./schema/accounts.ts";

/** The history of an account carries no shop: `db.withoutShop`. */
export type AccountEvent = {
  accountId: AccountId;
  kind: AccountEventKind;
  /** What happens again under the same key is not told again. */
  businessKey?: string;
  /** Ids, counts and codes; never personal data. */
  data?: Record<string, string | number>;
  now: Date;
};

/** Belongs into the transaction of what it tells of. */
export async function appendAccountEvent(trx: ShopTransaction, event: AccountEvent): Promise<void> {
  await trx
    .insertInto("account_events")
    .values({
      id: newId<string>(),
      account_id: event.accountId,
      kind: event.kind,
      business_key: event.businessKey ?? null,
      data: JSON.stringify(event.data ?? {}),
      at: event.now,
    })
    .onConflict((conflict) => conflict.columns(["account_id", "kind", "business_key"]).doNothing())
    .execute();
}

export type AccountEventRow = Selectable<AccountEventsTable>;

/** Newest first; `before` is the last id of the page above. */
export function listAccountEvents(
  trx: ShopTransaction,
  { accountId, before, limit }: { accountId: AccountId; before?: string; limit: number },
): Promise<AccountEventRow[]> {
  let query = trx
    .selectFrom("account_events")
    .selectAll()
    .where("account_id", "=", accountId)
    .orderBy("id", "desc")
    .limit(limit);
  if (before !== undefined) query = query.where("id", "<", before);
  return query.execute();
}
