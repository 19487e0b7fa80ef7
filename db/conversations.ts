import { sql } from "kysely";
import type { Selectable } from "kysely";

import { AppError } from "../domain/app-error.ts";
import type { CustomerId, ShopId, SubjectId } from "../domain/id.ts";
import type { Language } from "../domain/shop/policies.ts";
import type { SubjectState } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";
import type { ConversationsTable } from "./schema/conversations.ts";
import { sendTargetColumns } from "./send-targets.ts";
import type { SendTarget } from "./send-targets.ts";
import { senderErrands } from "./sender-errands.ts";

export type ConversationRow = Selectable<ConversationsTable>;
type Ref = { shopId: ShopId; customerId: CustomerId };

/** Of one that is locked, `subject_state` stays so until commit. */
export type ConversationOfSubject = ConversationRow & { subject_state: SubjectState };

/**
 * Holds the customer's subject in its state, then locks the conversation's row; orders and variants are locked after it,
 * never before. Postgres takes the locks of one row in the order of the clauses.
 */
export async function lockConversation(
  trx: ShopTransaction,
  { shopId, customerId }: Ref,
): Promise<ConversationOfSubject> {
  const row = await trx
    .selectFrom("subjects")
    .innerJoin("conversations", (join) =>
      join
        .onRef("conversations.shop_id", "=", "subjects.shop_id")
        .onRef("conversations.customer_id", "=", "subjects.id"),
    )
    .selectAll("conversations")
    .select("subjects.state as subject_state")
    .where("subjects.shop_id", "=", shopId)
    .where("subjects.id", "=", customerId)
    .forShare("subjects")
    .forUpdate("conversations")
    .executeTakeFirst();
  return present(row, customerId);
}

export async function getConversation(
  trx: ShopTransaction,
  { shopId, customerId }: Ref,
): Promise<ConversationOfSubject> {
  const row = await trx
    .selectFrom("conversations")
    .innerJoin("subjects", (join) =>
      join
        .onRef("subjects.shop_id", "=", "conversations.shop_id")
        .onRef("subjects.id", "=", "conversations.customer_id"),
    )
    .selectAll("conversations")
    .select("subjects.state as subject_state")
    .where("conversations.shop_id", "=", shopId)
    .where("conversations.customer_id", "=", customerId)
    .executeTakeFirst();
  return present(row, customerId);
}

/** The fence that every write, send and model call for a person checks; `lockConversation` tells it, and holds it until commit. */
export async function isSubjectActive(trx: ShopTransaction, ref: Ref): Promise<boolean> {
  return (await getSubjectState(trx, ref)) === "active";
}

/** The customer's state; a customer who is not there counts as erased. */
export async function getSubjectState(
  trx: ShopTransaction,
  { shopId, customerId }: Ref,
): Promise<SubjectState> {
  const row = await trx
    .selectFrom("subjects")
    .select("state")
    .where("shop_id", "=", shopId)
    .where("id", "=", customerId)
    .executeTakeFirst();
  return row?.state ?? "erased";
}

/** Nobody writes or sends anything to them any more. */
export function isFenced({ subject_state: state }: Pick<ConversationOfSubject, "subject_state">): boolean {
  return state === "erasing" || state === "erased";
}

export function isHumanMode(row: ConversationRow, now: Date): boolean {
  return row.human_until !== null && row.human_until > now;
}

/** Another app controls the thread: what it writes there is not ours to answer, nor to interrupt. */
export function isElsewhere({ standby_at: theirs, control_at: ours }: ConversationRow): boolean {
  return theirs !== null && (ours === null || theirs > ours);
}

/** From this instant the bot is silent: what it has queued no longer fits the mode's version. */
export async function beginHumanMode(
  trx: ShopTransaction,
  { shopId, customerId, until, personAskedAt }: Ref & { until: Date; personAskedAt?: Date },
): Promise<void> {
  await trx
    .updateTable("conversations")
    .set((eb) => ({
      human_until: until,
      mode_version: eb("mode_version", "+", 1),
      ...(personAskedAt ? { person_asked_at: personAskedAt } : {}),
    }))
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .execute();
}

/** An end long past: the bot may speak, and the sweeper rings for what nobody has answered. */
const ended = new Date(0);

/** Somebody ends it now. Should the caller's bell be lost, the sweeper still sees that it ended. */
export async function endHumanMode(trx: ShopTransaction, { shopId, customerId }: Ref): Promise<void> {
  await trx
    .updateTable("conversations")
    .set((eb) => ({
      human_until: ended,
      person_asked_at: null,
      mode_version: eb("mode_version", "+", 1),
    }))
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .execute();
}

/**
 * What waits is looked at by the sweeper, as after a human mode that ended; one that goes on is let be. `agentFrom`: the
 * agent answers what is written from then on. A subject that is no customer has no conversation, and nothing happens.
 */
export async function lookAgain(
  trx: ShopTransaction,
  { shopId, customerId, agentFrom }: { shopId: ShopId; customerId: SubjectId; agentFrom?: Date },
): Promise<void> {
  await trx
    .updateTable("conversations")
    .set((eb) => ({
      human_until: eb.fn.coalesce("human_until", eb.val(ended)),
      ...(agentFrom ? { agent_from: agentFrom } : {}),
    }))
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId as CustomerId) // no row where it is none
    .execute();
}

/**
 * Its time has passed, and a turn looks at what waits; until then the sweeper rings for it. The mode's version stays: what was queued before the mode
 * began does not fit as it is, and what the bot says since the end must still go out.
 */
export async function forgetHumanMode(
  trx: ShopTransaction,
  { shopId, customerId, now }: Ref & { now: Date },
): Promise<void> {
  await trx
    .updateTable("conversations")
    .set({ human_until: null, person_asked_at: null })
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where("human_until", "<=", now)
    .execute();
}

export async function updateConversation(
  trx: ShopTransaction,
  {
    shopId,
    customerId,
    ...changes
  }: Ref & {
    language?: Language;
    disclosedAt?: Date;
    secretWarnedAt?: Date;
    staleInRow?: number;
    bellPending?: false;
    turnSeq?: number;
    lastPageAt?: Date;
    creditsShortAt?: Date;
  },
): Promise<void> {
  await trx
    .updateTable("conversations")
    .set({
      ...(changes.language ? { language: changes.language } : {}),
      ...(changes.disclosedAt ? { disclosed_at: changes.disclosedAt } : {}),
      ...(changes.secretWarnedAt ? { secret_warned_at: changes.secretWarnedAt } : {}),
      ...(changes.staleInRow === undefined ? {} : { stale_in_row: changes.staleInRow }),
      ...(changes.bellPending === undefined ? {} : { bell_pending: changes.bellPending }),
      ...(changes.turnSeq === undefined ? {} : { turn_seq: changes.turnSeq }),
      ...(changes.lastPageAt ? { last_page_at: changes.lastPageAt } : {}),
      ...(changes.creditsShortAt ? { credits_short_at: changes.creditsShortAt } : {}),
    })
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .execute();
}

/**
 * Reserves `count` places in the conversation's order of sending; the row lock keeps them in order. Undefined: the
 * message has its places. Call under the conversation's lock, so that whoever queued it is seen.
 */
export async function takeOutboxPlaces(
  trx: ShopTransaction,
  { shopId, customerId, businessKey, count }: Ref & { businessKey: string; count: number },
): Promise<{ firstSeq: number; modeVersion: number } | undefined> {
  const row = await trx
    .updateTable("conversations")
    .set((eb) => ({ next_out_seq: eb("next_out_seq", "+", count) }))
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("outbox")
            .select("id")
            .where("outbox.shop_id", "=", shopId)
            .where("outbox.business_key", "=", businessKey),
        ),
      ),
    )
    .returning(["next_out_seq", "mode_version"])
    .executeTakeFirst();
  return row && { firstSeq: row.next_out_seq - count, modeVersion: row.mode_version };
}

/**
 * Takes or keeps the sender's lease, by the database's clock, and answers where to send. Undefined: somebody else sends;
 * what is queued will be seen.
 */
export async function acquireSendLease(
  trx: ShopTransaction,
  { shopId, customerId, owner, leaseMs }: Ref & { owner: string; leaseMs: number },
): Promise<SendTarget | undefined> {
  return trx
    .updateTable("conversations")
    .from(["customers", "pages"])
    .set({ lease_owner: owner, lease_until: sql<Date>`now() + ${leaseMs} * interval '1 millisecond'` })
    .whereRef("customers.shop_id", "=", "conversations.shop_id")
    .whereRef("customers.id", "=", "conversations.customer_id")
    .whereRef("pages.shop_id", "=", "conversations.shop_id")
    .whereRef("pages.id", "=", "conversations.page_id")
    .where("conversations.shop_id", "=", shopId)
    .where("conversations.customer_id", "=", customerId)
    .where((eb) =>
      eb.or([
        eb("lease_until", "is", null),
        eb("lease_until", "<", sql<Date>`now()`),
        eb("lease_owner", "=", owner),
      ]),
    )
    .returning(sendTargetColumns)
    .executeTakeFirst();
}

export async function releaseSendLease(
  trx: ShopTransaction,
  { shopId, customerId, owner }: Ref & { owner: string },
): Promise<void> {
  await trx
    .updateTable("conversations")
    .set({ lease_owner: null, lease_until: null })
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where("lease_owner", "=", owner)
    .execute();
}

/**
 * Gives the lease back unless a sender that looked again would find something. Call under the conversation's lock: who
 * queues anything was either before, and is seen, or finds the lease free.
 */
export async function releaseIdleLease(
  trx: ShopTransaction,
  { shopId, customerId, owner }: Ref & { owner: string },
): Promise<boolean> {
  const { openParts, receipts, ownerMessages, standby } = senderErrands({ shopId, customerId });
  const { numAffectedRows } = await sql`
    update conversations set lease_owner = null, lease_until = null
    where shop_id = ${shopId} and customer_id = ${customerId} and lease_owner = ${owner}
      and not exists (select ${openParts}) and not exists (select ${receipts})
      and not exists (select ${ownerMessages}) and not exists (select ${standby})`.execute(trx);
  return numAffectedRows === 1n;
}

function present<Row>(row: Row | undefined, customerId: CustomerId): Row {
  if (row) return row;
  throw new AppError("not_found", "conversation.not_found", { internal: `conversation of ${customerId}` });
}
