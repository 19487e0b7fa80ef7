import { sql } from "kysely";

import type { PolicyName } from "../domain/account/policies.ts";
import type { MembershipRole } from "../domain/account/roles.ts";
import type { AccountId, CustomerId, ObjectId, OrderId, PageId, ShopId } from "../domain/id.ts";
import type { ConversationTimings } from "../domain/conversation/timings.ts";
import type { Language } from "../domain/shop/policies.ts";
import { asSystem } from "./system-database.ts";
import type { SystemDatabase } from "./system-database.ts";

export type ConversationToRing = {
  shopId: ShopId;
  customerId: CustomerId;
  timings: ConversationTimings;
};
export type ConversationToSend = { shopId: ShopId; customerId: CustomerId };

/**
 * Conversations that somebody must look at: what came in and was not claimed, a turn or decision that was left behind,
 * a human mode that ended over unanswered messages. By age only: no mark "handed over" is trusted. The shops in turn, each
 * shop's longest waiting first.
 */
export function listConversationsToRing(
  system: SystemDatabase,
  { now, waitedMs, limit }: { now: Date; waitedMs: number; limit: number },
): Promise<ConversationToRing[]> {
  const before = new Date(now.getTime() - waitedMs);
  return asSystem(system, async (trx) => {
    const { rows } = await sql<ConversationToRing>`
      with waiting as (
        select shop_id, customer_id, received_at as since from intake
        where claimed_at is null and dead_at is null and received_at < ${before}
          and kind in ('message', 'postback', 'page_inbox', 'edit', 'deleted')
          and standby is distinct from 'words'
        union all
        select shop_id, customer_id, claimed_at from turns
        where (state = 'claimed' and claimed_at < ${new Date(before.getTime() - 120_000)})
          or (decision is not null and not is_decided and stored_at < ${before})
        union all
        select shop_id, customer_id, human_until from conversations
        where human_until is not null and human_until < ${before}
      )
      select w.shop_id as "shopId", w.customer_id as "customerId", s.conversation_timings as timings
      from (
        select shop_id, customer_id, min(since) as since from waiting group by shop_id, customer_id
      ) w join shops s on s.id = w.shop_id
      order by row_number() over (partition by w.shop_id order by w.since), w.since
      limit ${limit}`.execute(trx);
    return rows;
  });
}

export type ShopToAttest = { shopId: ShopId; since: Date };

/** Shops whose newest attestation, or opening where there is none, was before that day. */
export function listShopsToAttest(system: SystemDatabase, before: Date): Promise<ShopToAttest[]> {
  return asSystem(system, async (trx) => {
    const { rows } = await sql<ShopToAttest>`
      select s.id as "shopId", coalesce(max(a.attested_at), s.created_at) as since
      from shops s left join shop_attestations a on a.shop_id = s.id
      group by s.id
      having coalesce(max(a.attested_at), s.created_at) <= ${before}
      order by since`.execute(trx);
    return rows;
  });
}

export type PolicyNoticeDue = {
  policy: PolicyName;
  version: string;
  effectiveAt: Date;
  accountId: AccountId;
  language: Language;
  /** The first of the account's shops where it reads notices; null: there is none. */
  shopId: ShopId | null;
};

/** Active accounts that are older than the effect of a published policy and have not been told of it, page by page. */
export function listPolicyNoticesDue(
  system: SystemDatabase,
  { readers, limit }: { readers: readonly MembershipRole[]; limit: number },
): Promise<PolicyNoticeDue[]> {
  return asSystem(system, async (trx) => {
    const { rows } = await sql<PolicyNoticeDue>`
      select v.policy, v.version, v.effective_at as "effectiveAt", a.id as "accountId", a.language,
        (select m.shop_id from memberships m where m.account_id = a.id and m.role = any (${readers})
          order by m.created_at, m.shop_id limit 1) as "shopId"
      from policy_versions v join accounts a on a.created_at < v.effective_at
      where a.verified_at is not null and a.suspended_at is null
        and not exists (select from policy_notices n
          where n.policy = v.policy and n.version = v.version and n.account_id = a.id)
      order by v.published_at, a.id
      limit ${limit}`.execute(trx);
    return rows;
  });
}

/**
 * Conversations with something to send, to settle, to learn from a receipt, or to copy from another app's thread. The
 * shops in turn, each shop's longest waiting first. A first part that backs off holds the rest
 * of its conversation, which is not due because of them.
 */
export function listConversationsToSend(
  system: SystemDatabase,
  { now, leaseMs, limit }: { now: Date; leaseMs: number; limit: number },
): Promise<ConversationToSend[]> {
  const windowOpened = new Date(now.getTime() - 24 * 3_600_000);
  return asSystem(system, async (trx) => {
    const { rows } = await sql<ConversationToSend>`
      with first_blocking as (
        select distinct on (shop_id, customer_id) shop_id, customer_id, state, next_attempt_at, sending_at
        from outbox where state in ('queued', 'sending')
        order by shop_id, customer_id, seq
      ), due as (
        select shop_id, customer_id, next_attempt_at as since from first_blocking
        where (state = 'queued' and next_attempt_at <= ${now})
          or (state = 'sending' and sending_at < now() - ${leaseMs} * interval '1 millisecond')
        union all
        select shop_id, customer_id, next_attempt_at from outbox
        where state = 'unknown' and next_attempt_at <= ${now}
        union all
        select o.shop_id, o.customer_id, o.created_at from outbox o
          join conversations c on c.shop_id = o.shop_id and c.customer_id = o.customer_id
        where o.state = 'waiting_for_window' and c.last_customer_action_at > ${windowOpened}
          and (o.sending_at is null or c.last_customer_action_at > o.sending_at)
        union all
        select shop_id, customer_id, received_at from intake
        where kind = 'owner_message' and claimed_at is null and dead_at is null
        union all
        select i.shop_id, i.customer_id, i.received_at from intake i
          join subjects s on s.shop_id = i.shop_id and s.id = i.customer_id and s.state = 'active'
        where i.standby = 'words' and i.claimed_at is null and i.dead_at is null
        union all
        select shop_id, customer_id, received_at from receipts
      )
      select d.shop_id as "shopId", d.customer_id as "customerId"
      from (select shop_id, customer_id, min(since) as since from due group by shop_id, customer_id) d
        join conversations c on c.shop_id = d.shop_id and c.customer_id = d.customer_id
        join pages p on p.shop_id = c.shop_id and p.id = c.page_id
        join subjects s on s.shop_id = d.shop_id and s.id = d.customer_id
          and (s.state <> 'frozen' or exists (select from outbox o where o.shop_id = d.shop_id
            and o.customer_id = d.customer_id and o.state in ('queued', 'sending')
            and o.purpose = 'privacy_rights'))
      where p.state = 'connected' and (p.paused_until is null or p.paused_until <= ${now})
      order by row_number() over (partition by d.shop_id order by d.since), d.since
      limit ${limit}`.execute(trx);
    return rows;
  });
}

export function listShopsWithDuePushes(system: SystemDatabase, now: Date): Promise<ShopId[]> {
  return asSystem(system, async (trx) => {
    const rows = await trx
      .selectFrom("push_parts")
      .select("shop_id")
      .distinct()
      .where("state", "in", ["queued", "sending"])
      .where("next_attempt_at", "<=", now)
      .execute();
    return rows.map((row) => row.shop_id);
  });
}

export type OrderToReview = { shopId: ShopId; orderId: OrderId };

/** Orders whose slip was stored and whose workflow was not told, or did not look. */
export function listOrdersToReview(
  system: SystemDatabase,
  { before, limit }: { before: Date; limit: number },
): Promise<OrderToReview[]> {
  return asSystem(system, async (trx) => {
    const rows = await trx
      .selectFrom("payment_evidence")
      .select(["shop_id", "order_id"])
      .distinct()
      .where("state", "=", "undecided")
      .where("verdict", "is", null)
      .where("order_id", "is not", null)
      .where("received_at", "<", before)
      .limit(limit)
      .execute();
    return rows.flatMap((row) =>
      row.order_id === null ? [] : [{ shopId: row.shop_id, orderId: row.order_id }],
    );
  });
}

export type PageToCheck = { shopId: ShopId; pageId: PageId };

export function listPagesToCheck(system: SystemDatabase): Promise<PageToCheck[]> {
  return asSystem(system, (trx) =>
    trx
      .selectFrom("pages")
      .select(["shop_id as shopId", "id as pageId"])
      .where("state", "<>", "disconnected")
      // A broken one holds no other. Whoever begins again after half of them goes on with the others.
      .orderBy((eb) => eb("state", "=", "broken"))
      .orderBy("checked_at", (order) => order.asc().nullsFirst())
      .execute(),
  );
}

/** Logins at Meta that ended, chosen from or not: the tokens that they found are gone. Answers how many. */
export function deleteEndedConnections(system: SystemDatabase, now: Date): Promise<number> {
  return asSystem(system, async (trx) => {
    const { numDeletedRows } = await trx
      .deleteFrom("page_connections")
      .where("ends_at", "<=", now)
      .executeTakeFirst();
    return Number(numDeletedRows);
  });
}

export type LooseObject = { shopId: ShopId; objectId: ObjectId };

/** Bytes that no row of objects names, and that are due to go. */
export function listLooseObjects(
  system: SystemDatabase,
  { now, limit }: { now: Date; limit: number },
): Promise<LooseObject[]> {
  return asSystem(system, (trx) =>
    trx
      .selectFrom("loose_objects")
      .select(["shop_id as shopId", "id as objectId"])
      .where("due_at", "<=", now)
      .orderBy("due_at")
      .limit(limit)
      .execute(),
  );
}
