import { sql } from "kysely";

import type { GrantId, ShopId, TurnId } from "../domain/id.ts";
import { statesWith } from "../domain/subscription/service-of.ts";
import { asSystem } from "./system-database.ts";
import type { SystemDatabase } from "./system-database.ts";

const unanswered = statesWith("fallback", "silent");

/** Credits of grants that are over, and conversations that wait for credits which have come. */
export function listShopsWithCreditErrands(system: SystemDatabase, now: Date): Promise<ShopId[]> {
  return asSystem(system, async (trx) => {
    const { rows } = await sql<{ shopId: ShopId }>`
      select shop_id as "shopId" from credit_grants
        where available > 0 and expires_at is not null and expires_at <= ${now}
      union
      select shop_id from credit_grants where available > 0 and reversed_at is not null
      union
      select c.shop_id from conversations c where c.credits_short_at is not null and exists (
        select from credit_grants g where g.shop_id = c.shop_id and g.available > 0 and g.reversed_at is null
          and g.effective_at <= ${now} and (g.expires_at is null or g.expires_at > ${now}))
        and not exists (select from subscriptions s where s.shop_id = c.shop_id and s.state = any (${unanswered}))`.execute(
      trx,
    );
    return rows.map(({ shopId }) => shopId);
  });
}

export type LeftReservation = { shopId: ShopId; turnId: TurnId };

/** Reservations of turns that are over: stored by somebody who did not know of it, or gone. */
export function listLeftReservations(system: SystemDatabase, limit: number): Promise<LeftReservation[]> {
  return asSystem(system, (trx) =>
    trx
      .selectFrom("credit_reservations as r")
      .leftJoin("turns as t", (join) =>
        join.onRef("t.shop_id", "=", "r.shop_id").onRef("t.id", "=", "r.turn_id"),
      )
      .select(["r.shop_id as shopId", "r.turn_id as turnId"])
      .where("r.state", "=", "reserved")
      .where((eb) => eb.or([eb("t.id", "is", null), eb("t.state", "=", "stored")]))
      .orderBy("r.reserved_at")
      .limit(limit)
      .execute(),
  );
}

export type UnevenGrant = { shopId: ShopId; grantId: GrantId };

/** Grants of which the row says something else than the lines: there must be none. Reads the whole ledger. */
export function listUnevenGrants(system: SystemDatabase): Promise<UnevenGrant[]> {
  return asSystem(system, async (trx) => {
    const { rows } = await sql<UnevenGrant>`
      select g.shop_id as "shopId", g.id as "grantId"
      from credit_grants g left join credit_lines l on l.shop_id = g.shop_id and l.grant_id = g.id
      group by g.shop_id, g.id
      having g.available <> coalesce(sum(l.credits) filter (where l.account = 'available'), 0)
        or g.reserved <> coalesce(sum(l.credits) filter (where l.account = 'reserved'), 0)
        or g.credits <> -coalesce(sum(l.credits) filter (where l.account = 'issued'), 0)
        or coalesce(sum(l.credits), 0) <> 0`.execute(trx);
    return rows;
  });
}
