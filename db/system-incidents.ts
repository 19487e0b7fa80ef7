import { sql } from "kysely";
import type { RawBuilder } from "kysely";

import type { BreachScope } from "../domain/breach/scope.ts";
import type { Containment, NoticeState } from "../domain/breach/states.ts";
import type { IncidentId, ShopId, SubjectId } from "../domain/id.ts";
import type { Language } from "../domain/shop/policies.ts";
import { platformShopId } from "./accounts.ts";
import { nextDeadlineOf } from "./incidents.ts";
import { asSystem } from "./system-database.ts";
import type { SystemDatabase } from "./system-database.ts";

export type OpenIncident = { incidentId: IncidentId; dueAt: Date | null };

/** Every incident with something to do; pages by id. */
export function listOpenIncidents(
  system: SystemDatabase,
  { after, limit }: { after: IncidentId | null; limit: number },
): Promise<OpenIncident[]> {
  return asSystem(system, async (trx) => {
    let query = trx
      .selectFrom("incidents")
      .selectAll()
      .where("state", "in", ["open", "notifying"])
      .orderBy("id")
      .limit(limit);
    if (after !== null) query = query.where("id", ">", after);
    const rows = await query.execute();
    return rows.map((row) => ({ incidentId: row.id, dueAt: nextDeadlineOf(row)?.at ?? null }));
  });
}

/** The shops that a scope is about, in the order of their ids. */
export function listShopsOf(system: SystemDatabase, { shopId }: BreachScope): Promise<ShopId[]> {
  if (shopId !== null) return Promise.resolve([shopId]);
  return asSystem(system, async (trx) => {
    const rows = await trx.selectFrom("shops").select("id").orderBy("id").execute();
    return rows.map(({ id }) => id);
  });
}

/**
 * Writes down whom a scope concerns in one shop, by ids and times alone: nothing is opened. Whoever is being erased, or is
 * erased, is not written to any more. Safe to run twice: one row a person.
 */
export async function writeDownAffected(
  system: SystemDatabase,
  { incidentId, shopId, scope }: { incidentId: IncidentId; shopId: ShopId; scope: BreachScope },
): Promise<void> {
  await asSystem(system, (trx) => affectedOf({ incidentId, shopId, scope }).execute(trx));
}

function affectedOf(told: { incidentId: IncidentId; shopId: ShopId; scope: BreachScope }) {
  const { incidentId, shopId, scope } = told;
  const { from, to, data } = scope;
  if (data === "accounts") {
    return sql`
      insert into incident_people (shop_id, incident_id, subject_id, kind)
      select s.shop_id, ${incidentId}, s.id, 'account'
      from memberships m join subjects s on s.shop_id = ${platformShopId} and s.id = m.account_id
      where m.shop_id = ${shopId} and m.created_at < ${to}::timestamptz and s.state in ('active', 'frozen')
      on conflict do nothing`;
  }
  const happened =
    data === "conversations"
      ? sql`messages x where x.shop_id = c.shop_id and x.customer_id = c.id
          and x.occurred_at >= ${from}::timestamptz and x.occurred_at < ${to}::timestamptz`
      : sql`orders x where x.shop_id = c.shop_id and x.customer_id = c.id
          and x.created_at >= ${from}::timestamptz and x.created_at < ${to}::timestamptz`;
  return sql`
    insert into incident_people (shop_id, incident_id, subject_id, kind)
    select c.shop_id, ${incidentId}, c.id, 'customer'
    from customers c join subjects s on s.shop_id = c.shop_id and s.id = c.id
    where c.shop_id = ${shopId} and s.state in ('active', 'frozen') and exists (select from ${happened})
    on conflict do nothing`;
}

export type PersonToTell = {
  shopId: ShopId;
  subjectId: SubjectId;
  kind: "customer" | "account";
  language: Language;
  /** Of a customer's shop. */
  shopName: string | null;
  /** Where an account is told beside its mail; null: it has no shop, or it is no account. */
  noticeShopId: ShopId | null;
};

/** Those for whom nothing is queued yet, shop by shop. */
export function listPeopleToTell(
  system: SystemDatabase,
  { incidentId, limit }: { incidentId: IncidentId; limit: number },
): Promise<PersonToTell[]> {
  return asSystem(system, async (trx) => {
    const { rows } = await sql<PersonToTell>`
      select p.shop_id as "shopId", p.subject_id as "subjectId", p.kind,
        coalesce(c.language, a.language, 'en') as language, s.name as "shopName",
        (select m.shop_id from memberships m where p.kind = 'account' and m.account_id = p.subject_id
          order by m.created_at limit 1) as "noticeShopId"
      from incident_people p
        left join conversations c on c.shop_id = p.shop_id and c.customer_id = p.subject_id
        left join shops s on s.id = p.shop_id
        left join accounts a on p.kind = 'account' and a.id = p.subject_id
      where p.incident_id = ${incidentId} and p.state = 'listed'
      order by p.shop_id, p.subject_id
      limit ${limit}`.execute(trx);
    return rows;
  });
}

/** The key of the notice to one person: of the message to a customer, or of the mail to an account. */
export function breachKey(incidentId: IncidentId, subjectId?: SubjectId): string {
  return subjectId === undefined ? `breach:${incidentId}` : `breach:${incidentId}:${subjectId}`;
}

/** Reads from the outbox and the mails what became of the notices. Safe to run twice. */
export async function readNoticeReceipts(
  system: SystemDatabase,
  { incidentId, now }: { incidentId: IncidentId; now: Date },
): Promise<void> {
  await asSystem(system, async (trx) => {
    await sql`
      update incident_people p set state = o.state, settled_at = case when o.state = 'waiting' then null else ${now}::timestamptz end
      from (
        select x.shop_id, x.customer_id, case
          when bool_and(x.state = 'sent') then 'sent'
          when bool_or(x.state in ('failed', 'dropped')) then 'failed'
          when bool_or(x.state = 'waiting_for_window') then 'waiting'
          when bool_or(x.state = 'unknown' and x.next_attempt_at = 'infinity') then 'failed'
          end as state
        from incident_people r join outbox x on x.shop_id = r.shop_id
          and x.business_key = ${breachKey(incidentId)} || ':' || r.subject_id
        where r.incident_id = ${incidentId} and r.kind = 'customer' and r.state in ('queued', 'waiting')
        group by x.shop_id, x.customer_id
      ) o
      where p.incident_id = ${incidentId} and p.kind = 'customer' and p.state in ('queued', 'waiting')
        and o.shop_id = p.shop_id and o.customer_id = p.subject_id and o.state is not null and o.state <> p.state`.execute(
      trx,
    );
    await sql`
      update incident_people p set state = m.state, settled_at = ${now}
      from mails m
      where p.incident_id = ${incidentId} and p.kind = 'account' and p.state = 'queued'
        and m.business_key = ${breachKey(incidentId)} || ':' || p.subject_id and m.state in ('sent', 'failed', 'gone')`.execute(
      trx,
    );
    await sql`
      update incident_people p set state = 'gone', settled_at = ${now}
      where p.incident_id = ${incidentId} and p.state in ('listed', 'queued', 'waiting')
        and not exists (select from subjects s where s.shop_id = p.shop_id and s.id = p.subject_id
          and s.state in ('active', 'frozen'))`.execute(trx);
  });
}

/** The shops of customers whose notice has not gone out, and where no second way was taken yet. */
export function listUnreached(
  system: SystemDatabase,
  { incidentId, queuedBefore }: { incidentId: IncidentId; queuedBefore: Date },
): Promise<ShopId[]> {
  return asSystem(system, async (trx) => {
    const { rows } = await sql<{ shopId: ShopId }>`
      select distinct shop_id as "shopId" from incident_people
      where incident_id = ${incidentId} and kind = 'customer' and second_way_at is null
        and (state in ('waiting', 'failed') or (state = 'queued' and queued_at < ${queuedBefore}))
      order by shop_id`.execute(trx);
    return rows.map(({ shopId }) => shopId);
  });
}

export type NoticeCounts = Record<NoticeState, number> & {
  customers: number;
  accounts: number;
  /** Neither settled nor on a second way. */
  unsettled: number;
};

export function countIncidentPeople(system: SystemDatabase, incidentId: IncidentId): Promise<NoticeCounts> {
  return asSystem(system, async (trx) => {
    const { rows } = await sql<NoticeCounts>`
      select ${sql.join(noticeStates.map((state) => sql`count(*) filter (where state = ${sql.lit(state)})::int as ${sql.ref(state)}`))},
        count(*) filter (where kind = 'customer')::int as customers,
        count(*) filter (where kind = 'account')::int as accounts,
        count(*) filter (where state in ('listed', 'queued', 'waiting') and second_way_at is null)::int as unsettled
      from incident_people where incident_id = ${incidentId}`.execute(trx);
    const [row] = rows;
    if (row === undefined) throw new TypeError("a count has one row");
    return row;
  });
}

const noticeStates: readonly NoticeState[] = ["listed", "queued", "sent", "waiting", "failed", "gone"];

type Containing = { shopIds: readonly ShopId[] | null; now: Date };

/** Contains at once, in the shops that are named or in all: how many sessions, keys or agents it ended. Safe to run twice. */
export function containBreach(
  system: SystemDatabase,
  measure: Containment,
  containing: Containing,
): Promise<number> {
  return asSystem(system, async (trx) => {
    const { numAffectedRows = 0n } = await containments[measure](containing).execute(trx);
    return Number(numAffectedRows);
  });
}

const containments: Record<Containment, (of: Containing) => RawBuilder<unknown>> = {
  end_sessions: ({ shopIds, now }) => sql`
    update sessions set ended_at = ${now} where ended_at is null
      and ${shopIds === null ? sql`true` : sql`account_id in (select account_id from memberships where shop_id = any(${shopIds}::uuid[]))`}`,
  revoke_api_keys: ({ shopIds, now }) => sql`
    update api_keys set revoked_at = ${now} where revoked_at is null
      and ${shopIds === null ? sql`true` : sql`shop_id = any(${shopIds}::uuid[])`}`,
  pause_agents: ({ shopIds }) => sql`
    update shops set is_agent_enabled = false, version = version + 1 where is_agent_enabled
      and ${shopIds === null ? sql`true` : sql`id = any(${shopIds}::uuid[])`}`,
};
