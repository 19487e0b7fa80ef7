import { sql } from "kysely";
import type { Selectable } from "kysely";

import type { AccountId, CustomerId, MessageId, OrderId, ShopId, TurnId } from "../domain/id.ts";
import type { SendPurpose } from "../domain/privacy/send-purpose.ts";
import type { Sealed } from "../domain/sealing.ts";
import { takeOutboxPlaces } from "./conversations.ts";
import type { ShopTransaction } from "./connection.ts";
import { mayReach } from "./may-reach.ts";
import type { MessageAuthor, OutboxAudience, OutboxState, OutboxTable } from "./schema/conversations.ts";
import { openStates, senderErrands } from "./sender-errands.ts";

export type OutboxRow = Selectable<OutboxTable>;
type Ref = { shopId: ShopId; customerId: CustomerId };
type PartRef = { shopId: ShopId; id: MessageId };

export type NewMessage = Ref & {
  audience: OutboxAudience;
  author: MessageAuthor;
  /** One logical message; queued once however often it is asked for. */
  businessKey: string;
  parts: { id: MessageId; kind: string; body: Sealed }[];
  orderId?: OrderId;
  /** Where it belongs to neither the conversation nor an order. */
  purpose?: SendPurpose;
  turnId?: TurnId;
  actorId?: AccountId;
  now: Date;
};

/** Queues a message in parts. False: it was queued before. Call under the conversation's lock. */
export async function enqueueMessage(trx: ShopTransaction, message: NewMessage): Promise<boolean> {
  const { shopId, customerId, businessKey, now } = message;
  if (message.parts.length === 0) return false;
  const places = await takeOutboxPlaces(trx, {
    shopId,
    customerId,
    businessKey,
    count: message.parts.length,
  });
  if (!places) return false;
  await trx
    .with("message", (db) =>
      db
        .insertInto("messages")
        .values(
          message.parts.map((part) => ({
            shop_id: shopId,
            id: part.id,
            customer_id: customerId,
            direction: "out" as const,
            author: message.author,
            kind: part.kind,
            body: part.body,
            turn_id: message.turnId ?? null,
            actor_id: message.actorId ?? null,
            occurred_at: now,
            received_at: now,
          })),
        )
        .onConflict((conflict) => conflict.columns(["shop_id", "id"]).doNothing()),
    )
    .insertInto("outbox")
    .values(
      message.parts.map((part, index) => ({
        shop_id: shopId,
        id: part.id,
        customer_id: customerId,
        seq: places.firstSeq + index,
        audience: message.audience,
        business_key: businessKey,
        part: index,
        order_id: message.orderId ?? null,
        purpose: message.purpose ?? null,
        mode_version: message.audience === "chat" ? places.modeVersion : null,
        state: "queued" as const,
        next_attempt_at: now,
        created_at: now,
      })),
    )
    .execute();
  return true;
}

/** What may still have to be sent, in the order of sending, with the body to send. */
export async function listOpenParts(
  trx: ShopTransaction,
  { shopId, customerId, limit }: Ref & { limit: number },
): Promise<(OutboxRow & { body: Sealed | null })[]> {
  return trx
    .selectFrom("outbox")
    .innerJoin("messages", (join) =>
      join.onRef("messages.shop_id", "=", "outbox.shop_id").onRef("messages.id", "=", "outbox.id"),
    )
    .selectAll("outbox")
    .select("messages.body")
    .where("outbox.shop_id", "=", shopId)
    .where("outbox.customer_id", "=", customerId)
    .where("outbox.state", "in", openStates)
    .orderBy("outbox.seq")
    .limit(limit)
    .execute();
}

/** What waits for a sender besides open parts: most of the time nothing does. */
export type SenderErrands = {
  hasOwnerMessages: boolean;
  hasStandby: boolean;
  hasReceipts: boolean;
  /** A sender died while it sent: see `expireSendingParts`. */
  hasExpiredParts: boolean;
};

export async function peekSenderErrands(
  trx: ShopTransaction,
  { shopId, customerId, leaseMs }: Ref & { leaseMs: number },
): Promise<SenderErrands> {
  const { ownerMessages, standby, receipts } = senderErrands({ shopId, customerId });
  const { rows } = await sql<SenderErrands>`select
    exists (select ${ownerMessages}) as "hasOwnerMessages",
    exists (select ${standby}) as "hasStandby",
    exists (select ${receipts}) as "hasReceipts",
    exists (select from outbox where shop_id = ${shopId} and customer_id = ${customerId} and state = 'sending'
      and sending_at < now() - ${leaseMs} * interval '1 millisecond') as "hasExpiredParts"`.execute(trx);
  const [errands] = rows;
  if (!errands) throw new TypeError("a select without a table has one row");
  return errands;
}

/**
 * Takes a part for sending, inside the statement that checks that it still fits: a chat part only in the mode
 * in which it was written, nothing that the person's limits forbid, and nothing for one who is being erased or, but for
 * what is owed of their own data, frozen. False: it is not to be sent as things are.
 */
export async function claimPart(
  trx: ShopTransaction,
  { shopId, id, now }: PartRef & { now: Date },
): Promise<boolean> {
  const result = await trx
    .updateTable("outbox")
    .from("conversations")
    .set((eb) => ({
      state: "sending" as const,
      sending_at: sql<Date>`now()`,
      attempts: eb("outbox.attempts", "+", 1),
    }))
    .whereRef("conversations.shop_id", "=", "outbox.shop_id")
    .whereRef("conversations.customer_id", "=", "outbox.customer_id")
    .where("outbox.shop_id", "=", shopId)
    .where("outbox.id", "=", id)
    .where("outbox.state", "in", ["queued", "waiting_for_window"])
    .where((eb) =>
      eb.or([
        eb("outbox.audience", "<>", "chat"),
        eb.and([
          eb.or([eb("conversations.human_until", "is", null), eb("conversations.human_until", "<=", now)]),
          eb("outbox.mode_version", "=", eb.ref("conversations.mode_version")),
        ]),
      ]),
    )
    .where(mayReach)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export type PartOutcome =
  | { state: "sent"; midHash: Buffer; sentAt: Date }
  | { state: "queued"; nextAttemptAt: Date; errorCode: string }
  | { state: "unknown"; nextAttemptAt: Date }
  | { state: "waiting_for_window"; errorCode: string | null }
  | { state: "failed" | "dropped"; errorCode: string };

type Settling = PartRef & {
  from: readonly OutboxState[];
  /** Only if it is still in this attempt: what came of an old one says nothing of the one that another sender makes. */
  attempt?: number;
  outcome: PartOutcome;
};

/** Records what became of a part, if it still stands where the caller saw it: an echo may have settled it. */
export async function settlePart(
  trx: ShopTransaction,
  { shopId, id, from, attempt, outcome }: Settling,
): Promise<boolean> {
  const result = await trx
    .updateTable("outbox")
    .set({
      state: outcome.state,
      ...(outcome.state === "sent"
        ? { mid_hash: outcome.midHash, sent_at: outcome.sentAt, error_code: null }
        : {}),
      ...(outcome.state === "queued" || outcome.state === "unknown"
        ? { next_attempt_at: outcome.nextAttemptAt }
        : {}),
      ...("errorCode" in outcome ? { error_code: outcome.errorCode } : {}),
    })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("state", "in", from)
    .$if(attempt !== undefined, (query) => query.where("attempts", "=", attempt ?? 0))
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** A `sending` part whose sender died may have gone out: by the database's clock, since it is a lease. */
export async function expireSendingParts(
  trx: ShopTransaction,
  { shopId, customerId, leaseMs, nextAttemptAt }: Ref & { leaseMs: number; nextAttemptAt: Date },
): Promise<number> {
  const result = await trx
    .updateTable("outbox")
    .set({ state: "unknown", next_attempt_at: nextAttemptAt })
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where("state", "=", "sending")
    .where("sending_at", "<", sql<Date>`now() - ${leaseMs} * interval '1 millisecond'`)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/**
 * What certainly did not arrive is sent again, once: chat, and what code says of no order, such as that a machine
 * answers. A message about an order is never sent twice.
 */
export async function resendPart(
  trx: ShopTransaction,
  { shopId, id, now }: PartRef & { now: Date },
): Promise<boolean> {
  const result = await trx
    .updateTable("outbox")
    .set({ state: "queued", is_resend: true, next_attempt_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("state", "=", "unknown")
    .where((eb) =>
      eb.or([
        eb("audience", "=", "chat"),
        eb.and([eb("audience", "=", "order"), eb("order_id", "is", null)]),
      ]),
    )
    .where("is_resend", "=", false)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** An order message of unknown fate stays so until an echo settles it; nobody asks again. */
export async function stopAskingAboutPart(trx: ShopTransaction, { shopId, id }: PartRef): Promise<boolean> {
  const result = await trx
    .updateTable("outbox")
    .set({ next_attempt_at: sql<Date>`'infinity'`, error_code: "outcome_unknown" })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("state", "=", "unknown")
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/**
 * The hashes of message ids that are known, sent or written from `since` on: of other parts than `id`, echoes that wait
 * included, and of what a person wrote in the Page's inbox.
 */
export async function listKnownMidHashes(
  trx: ShopTransaction,
  { shopId, customerId, id, since }: Ref & PartRef & { since: Date },
): Promise<Buffer[]> {
  const { rows } = await sql<{ hash: Buffer }>`
    select mid_hash as hash from outbox where shop_id = ${shopId} and customer_id = ${customerId} and mid_hash is not null
      and coalesce(sent_at, created_at) >= ${since}
    union all select mid_hash from receipts where shop_id = ${shopId} and customer_id = ${customerId} and kind = 'echo'
      and mid_hash is not null and outbox_id is distinct from ${id}
    union all select mid_hash from messages where shop_id = ${shopId} and customer_id = ${customerId} and mid_hash is not null
      and author = 'page_inbox' and occurred_at >= ${since}
    union all select mid_hash from intake where shop_id = ${shopId} and customer_id = ${customerId} and mid_hash is not null
      and kind = 'page_inbox' and claimed_at is null and dead_at is null`.execute(trx);
  return rows.map(({ hash }) => hash);
}

/** Whether another part may be with the customer without our knowing under which message id. */
export async function hasOtherOpenSend(
  trx: ShopTransaction,
  { shopId, customerId, id }: Ref & PartRef,
): Promise<boolean> {
  const row = await trx
    .selectFrom("outbox")
    .select("id")
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where("state", "in", ["sending", "unknown"])
    .where("id", "<>", id)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The newest part that reached the customer or is on its way; what a bare "yes" would answer. */
export async function findLastPart(
  trx: ShopTransaction,
  { shopId, customerId }: Ref,
): Promise<OutboxRow | undefined> {
  return trx
    .selectFrom("outbox")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where("state", "in", ["sent", "sending", "unknown"])
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst();
}

/**
 * Applies the waiting echoes, deliveries and reads of a conversation in sets, then forgets them.
 * An echo is the proof that a part went out; a watermark means everything up to that time.
 */
export async function applyReceipts(trx: ShopTransaction, { shopId, customerId }: Ref): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    with taken as (
      delete from receipts where shop_id = ${shopId} and customer_id = ${customerId}
      returning id, kind, outbox_id, mid_hash, watermark, occurred_at
    ), echoes as (
      select distinct on (outbox_id) outbox_id, mid_hash, occurred_at from taken
      where kind = 'echo' and outbox_id is not null order by outbox_id, occurred_at
    ), marks as (
      select max(watermark) filter (where kind = 'delivery') as delivered,
             max(watermark) filter (where kind = 'read') as read,
             array_agg(mid_hash) filter (where kind = 'delivery' and mid_hash is not null) as mids
      from taken
    ), settled as (
      update outbox set
        state = case when e.outbox_id is not null and outbox.state in ('sending', 'unknown', 'queued') then 'sent' else outbox.state end,
        mid_hash = coalesce(outbox.mid_hash, e.mid_hash),
        sent_at = coalesce(outbox.sent_at, e.occurred_at),
        delivered_at = coalesce(outbox.delivered_at, case
          when outbox.mid_hash = any(m.mids) or coalesce(outbox.sent_at, e.occurred_at) <= m.delivered then m.delivered end),
        read_at = coalesce(outbox.read_at, case
          when coalesce(outbox.sent_at, e.occurred_at) <= m.read then m.read end)
      from outbox as o
        left join echoes e on e.outbox_id = o.id
        cross join marks m
      where o.shop_id = ${shopId} and o.customer_id = ${customerId}
        and outbox.shop_id = o.shop_id and outbox.id = o.id
        and (e.outbox_id is not null or (o.read_at is null and o.sent_at is not null
          and (m.delivered is not null or m.read is not null or m.mids is not null)))
      returning outbox.id
    ) select id from taken`.execute(trx);
  return rows.length;
}

/** Wakes the sender of whichever worker listens; ids only, and delivered when the transaction commits. */
export async function notifySender(
  trx: ShopTransaction,
  { shopId, customerId }: { shopId: ShopId; customerId: CustomerId },
): Promise<void> {
  await sql`select pg_notify('send', ${`${shopId}:${customerId}`})`.execute(trx);
}
