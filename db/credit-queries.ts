import { sql } from "kysely";
import type { Selectable } from "kysely";

import type { GrantKind } from "../domain/credit/ledger.ts";
import type { CustomerId, GrantId, ShopId, TurnId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { CreditGrantsTable } from "./schema/credits.ts";

export type GrantOfBalance = Pick<
  Selectable<CreditGrantsTable>,
  "id" | "kind" | "credits" | "available" | "reserved" | "effective_at" | "expires_at"
>;

/** The grants that count: not over, and with something left. In the order of burning. */
export function listOpenGrants(
  trx: ShopTransaction,
  { shopId, now }: { shopId: ShopId; now: Date },
): Promise<GrantOfBalance[]> {
  return trx
    .selectFrom("credit_grants")
    .select(["id", "kind", "credits", "available", "reserved", "effective_at", "expires_at"])
    .where("shop_id", "=", shopId)
    .where("reversed_at", "is", null)
    .where((eb) => eb.or([eb("available", ">", 0), eb("reserved", ">", 0)]))
    .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now)]))
    .orderBy("priority")
    .orderBy("expires_at") // nulls come last
    .orderBy("effective_at")
    .orderBy("id")
    .execute();
}

/** An entry of the statement that a person reads: credits that were granted, used, or are gone. */
export type CreditEntryRow = {
  id: string;
  kind: "granted" | "used" | "expired" | "reversed";
  at: Date;
  credits: number;
  /** Which grants, in the order of burning. */
  grants: { id: GrantId; kind: GrantKind; credits: number }[];
  turnId: TurnId | null;
  customerId: CustomerId | null;
  costMicroUsd: number | null;
};

/** Newest first; `before` is the last id of the page above. A transaction does one of these things. */
export async function listCreditEntries(
  trx: ShopTransaction,
  { shopId, before, limit }: { shopId: ShopId; before?: string; limit: number },
): Promise<CreditEntryRow[]> {
  const { rows } = await sql<CreditEntryRow>`
    with page as (
      select distinct transaction_id from credit_lines
      where shop_id = ${shopId} and account in ('issued', 'used', 'expired', 'reversed')
        and (${before ?? null}::uuid is null or transaction_id < ${before ?? null}::uuid)
      order by transaction_id desc limit ${limit}
    ), entries as (
      select l.transaction_id as id, min(case l.account when 'issued' then 'granted' else l.account end) as kind,
        min(l.at) as at, sum(abs(l.credits))::bigint as credits,
        json_agg(json_build_object('id', g.id, 'kind', g.kind, 'credits', abs(l.credits))
          order by g.priority, g.expires_at, g.effective_at, g.id) as grants
      from page p
        join credit_lines l on l.shop_id = ${shopId} and l.transaction_id = p.transaction_id
          and l.account in ('issued', 'used', 'expired', 'reversed')
        join credit_grants g on g.shop_id = l.shop_id and g.id = l.grant_id
      group by l.transaction_id
    )
    select e.*, r.turn_id as "turnId", t.customer_id as "customerId", r.cost_micro_usd as "costMicroUsd"
    from entries e
      left join credit_reservations r on r.shop_id = ${shopId} and r.settle_transaction = e.id
      left join turns t on t.shop_id = ${shopId} and t.id = r.turn_id
    order by e.id desc`.execute(trx);
  return rows;
}
