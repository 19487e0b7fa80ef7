import { sql } from "kysely";
import type { Selectable } from "kysely";

import type { CustomerId, MessageId, ShopId, TurnId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";
import type { MessagesTable } from "./schema/conversations.ts";

export type MessageRow = Selectable<MessagesTable>;
type Ref = { shopId: ShopId; customerId: CustomerId };
/** What of the words is the agent's to answer. */
type Share = { isQuiet: boolean; after: Date | null };

/**
 * What a turn has to do, oldest first: messages whose pictures and taps nobody has handled, and, unless somebody else
 * speaks (`isQuiet`: a person, or a switched-off agent), words that nobody has answered, of those that came `after`.
 */
export async function listToHandle(
  trx: ShopTransaction,
  { shopId, customerId, isQuiet, after, limit }: Ref & Share & { limit: number },
): Promise<MessageRow[]> {
  return trx
    .selectFrom("messages")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where("direction", "=", "in")
    .where("body", "is not", null)
    .where((eb) => {
      const isNew = eb("looked_at", "is", null);
      if (isQuiet) return isNew;
      const isOpen = eb("answered_at", "is", null);
      return eb.or([isNew, after === null ? isOpen : eb.and([isOpen, eb("occurred_at", ">", after)])]);
    })
    .orderBy("occurred_at")
    .orderBy("id")
    .limit(limit)
    .execute();
}

/** The newest messages of both directions, oldest first. Parts that never went out are left away. */
export async function listRecent(
  trx: ShopTransaction,
  { shopId, customerId, limit }: Ref & { limit: number },
): Promise<MessageRow[]> {
  const rows = await trx
    .selectFrom("messages")
    .leftJoin("outbox", (join) =>
      join.onRef("outbox.shop_id", "=", "messages.shop_id").onRef("outbox.id", "=", "messages.id"),
    )
    .selectAll("messages")
    .where("messages.shop_id", "=", shopId)
    .where("messages.customer_id", "=", customerId)
    .where("messages.body", "is not", null)
    .where((eb) =>
      eb.or([eb("outbox.state", "is", null), eb("outbox.state", "not in", ["dropped", "failed"])]),
    )
    .orderBy("messages.occurred_at", "desc")
    .orderBy("messages.id", "desc")
    .limit(limit)
    .execute();
  return rows.toReversed();
}

/** Puts a body in the place of the one that was read; false when the message was deleted meanwhile. */
export async function replaceBody(
  trx: ShopTransaction,
  { shopId, id, body }: { shopId: ShopId; id: MessageId; body: Sealed },
): Promise<boolean> {
  const result = await trx
    .updateTable("messages")
    .set({ body })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Of the messages that a turn has looked at those that it answered; what somebody else answered before stays his. */
export async function markHandled(
  trx: ShopTransaction,
  {
    shopId,
    ids,
    answeredIds,
    turnId,
    now,
  }: { shopId: ShopId; ids: MessageId[]; answeredIds: MessageId[]; turnId: TurnId; now: Date },
): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update messages set looked_at = coalesce(looked_at, ${now}),
      turn_id = case when answered_at is null and id = any(${answeredIds}) then ${turnId} else turn_id end,
      answered_at = case when id = any(${answeredIds}) then coalesce(answered_at, ${now}) else answered_at end
    where shop_id = ${shopId} and id = any(${ids})
      and (looked_at is null or (answered_at is null and id = any(${answeredIds})))`.execute(trx);
}

/** The newest message that a person wrote in Messenger's own inbox; it is in no outbox. */
export async function findLastPageInbox(
  trx: ShopTransaction,
  { shopId, customerId }: Ref,
): Promise<MessageRow | undefined> {
  return trx
    .selectFrom("messages")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where("author", "=", "page_inbox")
    .orderBy("occurred_at", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** Takes the words out of the messages that were taken back; nobody has to answer them. Answers the messages' ids. */
export async function deleteMessages(
  trx: ShopTransaction,
  { shopId, customerId, midHashes, now }: Ref & { midHashes: Buffer[]; now: Date },
): Promise<MessageId[]> {
  if (midHashes.length === 0) return [];
  const rows = await trx
    .updateTable("messages")
    .set((eb) => ({
      body: null,
      deleted_at: eb.fn.coalesce("deleted_at", eb.val(now)),
      answered_at: eb.fn.coalesce("answered_at", eb.val(now)),
      looked_at: eb.fn.coalesce("looked_at", eb.val(now)),
    }))
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where("mid_hash", "in", midHashes)
    .returning("id")
    .execute();
  return rows.map(({ id }) => id);
}

/** True when a turn has something to do. */
export async function hasToHandle(trx: ShopTransaction, ref: Ref & Share): Promise<boolean> {
  return (await listToHandle(trx, { ...ref, limit: 1 })).length > 0;
}

/**
 * What a person answered is not left for the bot, wherever the person wrote and whenever the customer's words were
 * claimed: everything up to the last message of a person is answered.
 */
export async function markAnsweredByPeople(trx: ShopTransaction, { shopId, customerId }: Ref): Promise<void> {
  await trx
    .updateTable("messages")
    .from((eb) =>
      eb
        .selectFrom("messages")
        .select((inner) => inner.fn.max("occurred_at").as("at"))
        .where("shop_id", "=", shopId)
        .where("customer_id", "=", customerId)
        .where("author", "in", ["owner", "page_inbox"])
        .as("person"),
    )
    .set((eb) => ({ answered_at: eb.ref("person.at") }))
    .where("messages.shop_id", "=", shopId)
    .where("messages.customer_id", "=", customerId)
    .where("messages.direction", "=", "in")
    .where("messages.answered_at", "is", null)
    .whereRef("messages.occurred_at", "<=", "person.at")
    .execute();
}
