import { sql } from "kysely";
import type { RawBuilder } from "kysely";

import type { CreditEntry } from "../domain/credit/ledger.ts";
import { newId } from "../domain/id.ts";
import type { ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { CreditTransactionKind } from "./schema/credits.ts";

export type CreditPosting = {
  shopId: ShopId;
  kind: CreditTransactionKind;
  entries: readonly CreditEntry[];
  /** A row for what allows the posting, e.g. the change of a state; without one nothing is written. */
  guard?: (transactionId: string) => RawBuilder<unknown>;
  now: Date;
};

/**
 * Writes the lines of a transaction, and what they leave of their grants, in one statement. Locks the grants by id.
 * False: the guard found nothing.
 */
export async function postCredits(
  trx: ShopTransaction,
  { shopId, kind, entries, guard = () => sql`select 1`, now }: CreditPosting,
): Promise<boolean> {
  if (entries.length === 0) return false;
  const transactionId = newId<string>();
  const { numAffectedRows } = await sql`
    with guard as (${guard(transactionId)}),
    entries as (
      select * from jsonb_to_recordset(${JSON.stringify(entries)}::jsonb)
        as e ("grantId" uuid, account text, credits bigint) where exists (select from guard)
    ), locked as (
      select id from credit_grants where shop_id = ${shopId} and id in (select "grantId" from entries)
      order by id for update
    ), lines as (
      insert into credit_lines (shop_id, transaction_id, grant_id, account, kind, credits, at)
      select ${shopId}::uuid, ${transactionId}::uuid, "grantId", account, ${kind}::text, credits, ${now}::timestamptz
      from entries
      returning grant_id, account, credits
    ), sums as (
      select grant_id, coalesce(sum(credits) filter (where account = 'available'), 0) as available,
        coalesce(sum(credits) filter (where account = 'reserved'), 0) as reserved
      from lines group by grant_id
    )
    update credit_grants g set available = g.available + s.available, reserved = g.reserved + s.reserved
    from sums s join locked on locked.id = s.grant_id
    where g.shop_id = ${shopId} and g.id = s.grant_id`.execute(trx);
  return (numAffectedRows ?? 0n) > 0n;
}
