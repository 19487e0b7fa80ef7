import { sql } from "kysely";
import type { ExpressionBuilder, RawBuilder, Selectable } from "kysely";

import type { AccountId, CustomerId, MessageId, OrderId, ShopId, SubjectId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import { statesWith } from "../domain/subscription/service-of.ts";
import type { ShopTransaction } from "./connection.ts";
import { isLimited } from "./processing-limits.ts";
import { hasBasis } from "./shop-purposes.ts";
import type { ConversationsTable, IntakeKind } from "./schema/conversations.ts";
import type { Schema } from "./schema/index.ts";

export type ListedConversation = Pick<
  Selectable<ConversationsTable>,
  | "customer_id"
  | "page_id"
  | "language"
  | "is_agent_enabled"
  | "human_until"
  | "person_asked_at"
  | "credits_short_at"
  | "last_customer_action_at"
  | "created_at"
> & {
  /** Of the customer's last action and the Page's last message the later one. */
  last_at: Date;
  /** What the customer wrote, neither a person nor the agent has answered, and no person has read. */
  unread: number;
  is_waiting_for_person: boolean;
};

/** A place in a list that is ordered by time, newest first. */
export type TimePlace = { at: Date; id: string };

/** What a customer says, in the two places where it may lie. */
export const wordKinds: IntakeKind[] = ["message", "postback"];

const lastAt = sql<Date>`greatest(conversations.created_at, conversations.last_customer_action_at, conversations.last_page_at)`;

function isUnseen(receivedAt: "messages.received_at" | "intake.received_at") {
  return sql<boolean>`${sql.ref(receivedAt)} > coalesce(conversations.seen_at, '-infinity')`;
}

type Builder = ExpressionBuilder<Schema, "conversations">;

const silent = statesWith("silent");

function unread(eb: Builder, shopId: ShopId): RawBuilder<number> {
  return sql<number>`(${eb
    .selectFrom("messages")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("messages.shop_id", "=", shopId)
    .whereRef("messages.customer_id", "=", "conversations.customer_id")
    .where("direction", "=", "in")
    .where("answered_at", "is", null)
    .where(isUnseen("messages.received_at"))} + ${eb
    .selectFrom("intake")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("intake.shop_id", "=", shopId)
    .whereRef("intake.customer_id", "=", "conversations.customer_id")
    .where("claimed_at", "is", null)
    .where("dead_at", "is", null)
    .where("body", "is not", null)
    .where("standby", "is", null)
    .where(isUnseen("intake.received_at"))
    .where("kind", "in", wordKinds)})`;
}

/**
 * The customer asked for a person, or wrote while no machine may answer, or the agent is off, or without credits, or silent
 * for a plan that is over, and nobody has read it.
 */
export function isWaitingForPerson(eb: Builder, shopId: ShopId): RawBuilder<boolean> {
  const shop = eb.selectFrom("shops").select("shops.is_agent_enabled").where("shops.id", "=", shopId);
  const subscription = eb
    .selectFrom("subscriptions")
    .select(sql<boolean>`subscriptions.state <> all (${silent})`.as("speaks"))
    .where("subscriptions.shop_id", "=", shopId);
  const subject = { shopId: sql.val(shopId), subjectId: sql.ref<SubjectId>("conversations.customer_id") };
  const talking = { shopId: subject.shopId, purpose: sql.lit("conversation") };
  return sql<boolean>`(conversations.person_asked_at is not null
    or (not (conversations.is_agent_enabled and ${shop} and conversations.credits_short_at is null
      and coalesce(${subscription}, true) and ${hasBasis(talking)} and not ${isLimited(subject, "no_ai")}) and ${unread(eb, shopId)} > 0))`;
}

function conversations(trx: ShopTransaction, shopId: ShopId) {
  return trx
    .selectFrom("conversations")
    .select([
      "customer_id",
      "page_id",
      "language",
      "is_agent_enabled",
      "human_until",
      "person_asked_at",
      "credits_short_at",
      "last_customer_action_at",
      "created_at",
      lastAt.as("last_at"),
    ])
    .select((eb) => [
      unread(eb, shopId).as("unread"),
      isWaitingForPerson(eb, shopId).as("is_waiting_for_person"),
    ])
    .where("conversations.shop_id", "=", shopId)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom("subjects")
          .select("subjects.id")
          .whereRef("subjects.shop_id", "=", "conversations.shop_id")
          .whereRef("subjects.id", "=", "conversations.customer_id")
          .where("subjects.state", "in", ["active", "frozen"]),
      ),
    );
}

/** By last message, newest first; `before` is the last place of the page above. */
export function listConversations(
  trx: ShopTransaction,
  filter: {
    shopId: ShopId;
    isWaitingForPerson?: boolean;
    /** Only those in human mode at this time. */
    inHumanModeAt?: Date;
    before?: TimePlace;
    limit: number;
  },
): Promise<ListedConversation[]> {
  let query = conversations(trx, filter.shopId)
    .orderBy(lastAt, "desc")
    .orderBy("customer_id", "desc")
    .limit(filter.limit);
  if (filter.isWaitingForPerson !== undefined) {
    const { shopId, isWaitingForPerson: wanted } = filter;
    query = query.where((eb) => sql<boolean>`${isWaitingForPerson(eb, shopId)} = ${wanted}`);
  }
  if (filter.inHumanModeAt !== undefined) query = query.where("human_until", ">", filter.inHumanModeAt);
  if (filter.before !== undefined) {
    const { at, id } = filter.before;
    query = query.where(sql<boolean>`(${lastAt}, customer_id) < (${at}, ${id}::uuid)`);
  }
  return query.execute();
}

export function findConversation(
  trx: ShopTransaction,
  { shopId, customerId }: { shopId: ShopId; customerId: CustomerId },
): Promise<ListedConversation | undefined> {
  return conversations(trx, shopId).where("customer_id", "=", customerId).executeTakeFirst();
}

/**
 * False: there is no such conversation. The mode's version does not change: what is being sent may go out. Switched on,
 * the agent answers what is written from then on.
 */
export async function setConversationAgent(
  trx: ShopTransaction,
  {
    shopId,
    customerId,
    isEnabled,
    now,
  }: { shopId: ShopId; customerId: CustomerId; isEnabled: boolean; now: Date },
): Promise<boolean> {
  const row = await trx
    .updateTable("conversations")
    .set((eb) => ({
      is_agent_enabled: isEnabled,
      agent_from: eb
        .case()
        .when(eb.and([eb("is_agent_enabled", "=", false), eb.val(isEnabled)]))
        .then(now)
        .else(eb.ref("agent_from"))
        .end(),
    }))
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .returning("customer_id")
    .executeTakeFirst();
  return row !== undefined;
}

/** Somebody has come: the customer no longer waits for a person. */
export async function clearPersonAsked(
  trx: ShopTransaction,
  { shopId, customerId }: { shopId: ShopId; customerId: CustomerId },
): Promise<void> {
  await trx
    .updateTable("conversations")
    .set({ person_asked_at: null })
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where("person_asked_at", "is not", null)
    .execute();
}

/** A person of the shop has read what came in until now. */
export async function markSeen(
  trx: ShopTransaction,
  { shopId, customerId, now }: { shopId: ShopId; customerId: CustomerId; now: Date },
): Promise<void> {
  await trx
    .updateTable("conversations")
    .set({ seen_at: now })
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .execute();
}

export type OwnerIntake = {
  shopId: ShopId;
  id: MessageId;
  /** `owner_message` goes to the customer; `reason` is what a decision's id leads to. */
  kind: "owner_message" | "reason";
  customerId: CustomerId;
  /** SHA-256 of who wrote it and under which Idempotency-Key. */
  eventKey: Buffer;
  body: Sealed;
  actorId: AccountId | null;
  orderId?: OrderId;
  now: Date;
};

/**
 * Safe to run twice: the first row under the event key wins, its id is the answer. The customer's row must exist;
 * call it under the conversation's lock, so that the first row is visible when the second loses.
 */
export async function insertOwnerIntake(trx: ShopTransaction, intake: OwnerIntake): Promise<MessageId> {
  const { shopId, eventKey } = intake;
  const inserted = await trx
    .insertInto("intake")
    .values({
      shop_id: shopId,
      id: intake.id,
      kind: intake.kind,
      customer_id: intake.customerId,
      event_key: eventKey,
      body: intake.body,
      actor_id: intake.actorId,
      order_id: intake.orderId ?? null,
      occurred_at: intake.now,
      received_at: intake.now,
    })
    .onConflict((conflict) => conflict.columns(["shop_id", "event_key"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  if (inserted !== undefined) return inserted.id;
  const first = await trx
    .selectFrom("intake")
    .select("id")
    .where("shop_id", "=", shopId)
    .where("event_key", "=", eventKey)
    .executeTakeFirstOrThrow();
  return first.id;
}
