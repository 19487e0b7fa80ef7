import { sql } from "kysely";

import type { AccountId, CustomerId, MessageId, ShopId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";
import { wordKinds } from "./conversation-queries.ts";
import type { TimePlace } from "./conversation-queries.ts";
import type { IntakeKind, MessageAuthor, OutboxAudience, OutboxState } from "./schema/conversations.ts";
import type { PageState } from "./schema/tenancy.ts";

const shownKinds: IntakeKind[] = [...wordKinds, "owner_message"];

/** A message as owners see it: stored, on its way, or still in the intake. */
export type ListedMessage = {
  id: MessageId;
  direction: "in" | "out";
  author: MessageAuthor;
  kind: string;
  body: Sealed | null;
  actor_id: AccountId | null;
  occurred_at: Date;
  edited_at: Date | null;
  deleted_at: Date | null;
  /** Null: nothing of ours to send; `is_intake` tells an owner's message that no worker has taken yet. */
  outbox_state: OutboxState | null;
  audience: OutboxAudience | null;
  error_code: string | null;
  delivered_at: Date | null;
  read_at: Date | null;
  is_intake: boolean;
  page_state: PageState;
};

/** Both directions, newest first; `before` is the last place of the page above. */
export function listConversationMessages(
  trx: ShopTransaction,
  filter: { shopId: ShopId; customerId: CustomerId; before?: TimePlace; limit: number },
): Promise<ListedMessage[]> {
  const place = filter.before;
  const isBefore = (occurredAt: "messages.occurred_at" | "intake.occurred_at", id: string) =>
    place === undefined
      ? sql<boolean>`true`
      : sql<boolean>`(${sql.ref(occurredAt)}, ${sql.ref(id)}) < (${place.at}, ${place.id}::uuid)`;
  return storedMessages(trx, filter)
    .where(isBefore("messages.occurred_at", "messages.id"))
    .unionAll(waitingMessages(trx, filter).where(isBefore("intake.occurred_at", "intake.id")))
    .orderBy("occurred_at", "desc")
    .orderBy("id", "desc")
    .limit(filter.limit)
    .execute();
}

/** One of them, wherever it lies. */
export function findMessage(
  trx: ShopTransaction,
  { id, ...filter }: { shopId: ShopId; customerId: CustomerId; id: MessageId },
): Promise<ListedMessage | undefined> {
  return storedMessages(trx, filter)
    .where("messages.id", "=", id)
    .unionAll(waitingMessages(trx, filter).where("intake.id", "=", id))
    .executeTakeFirst();
}

function storedMessages(trx: ShopTransaction, filter: { shopId: ShopId; customerId: CustomerId }) {
  return trx
    .selectFrom("messages")
    .leftJoin("outbox", (join) =>
      join.onRef("outbox.shop_id", "=", "messages.shop_id").onRef("outbox.id", "=", "messages.id"),
    )
    .select([
      "messages.id",
      "messages.direction",
      "messages.author",
      "messages.kind",
      "messages.body",
      "messages.actor_id",
      "messages.occurred_at",
      "messages.edited_at",
      "messages.deleted_at",
      "outbox.state as outbox_state",
      "outbox.audience",
      "outbox.error_code",
      "outbox.delivered_at",
      "outbox.read_at",
      sql<boolean>`false`.as("is_intake"),
      pageStateOf("messages").as("page_state"),
    ])
    .where("messages.shop_id", "=", filter.shopId)
    .where("messages.customer_id", "=", filter.customerId);
}

/** Of the Page through which the conversation goes. */
function pageStateOf(table: "messages" | "intake") {
  return sql<PageState>`(select p.state from conversations as c
    join pages as p on p.shop_id = c.shop_id and p.id = c.page_id
    where c.shop_id = ${sql.ref(`${table}.shop_id`)} and c.customer_id = ${sql.ref(`${table}.customer_id`)})`;
}

function waitingMessages(trx: ShopTransaction, filter: { shopId: ShopId; customerId: CustomerId }) {
  return trx
    .selectFrom("intake")
    .select([
      "intake.id",
      sql<"in" | "out">`case kind when 'owner_message' then 'out' else 'in' end`.as("direction"),
      sql<MessageAuthor>`case kind when 'owner_message' then 'owner' else 'customer' end`.as("author"),
      // As it will be called once it is on its way.
      sql<string>`case kind when 'owner_message' then 'text' else kind end`.as("kind"),
      "intake.body",
      "intake.actor_id",
      "intake.occurred_at",
      sql<Date | null>`null::timestamptz`.as("edited_at"),
      sql<Date | null>`null::timestamptz`.as("deleted_at"),
      sql<OutboxState | null>`null::text`.as("outbox_state"),
      sql<OutboxAudience | null>`null::text`.as("audience"),
      sql<string | null>`null::text`.as("error_code"),
      sql<Date | null>`null::timestamptz`.as("delivered_at"),
      sql<Date | null>`null::timestamptz`.as("read_at"),
      sql<boolean>`true`.as("is_intake"),
      pageStateOf("intake").as("page_state"),
    ])
    .where("intake.shop_id", "=", filter.shopId)
    .where("intake.customer_id", "=", filter.customerId)
    .where("claimed_at", "is", null)
    .where("dead_at", "is", null)
    .where("body", "is not", null)
    .where("intake.kind", "in", shownKinds);
}
