import type { Client } from "pg";

import { newId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import { openSystemDatabase } from "../../db/system-database.ts";
import { createConversationWorld } from "./conversation-world.ts";
import type { ConversationRef } from "./conversation-world.ts";

type OrderStory = {
  state?: "draft" | "placed" | "completed" | "cancelled";
  payment?: string;
  deliveredAt?: Date | null;
  /** Completed or cancelled; of a draft when it was changed last. */
  endedAt: Date | null;
  /** When money came. */
  paidAt?: Date | null;
  isUnderReview?: boolean;
};

/** Conversations and orders of any age, as bare rows: nothing is sealed, and the time is the test's. */
export async function createRetentionWorld() {
  const world = await createConversationWorld();
  const system = openSystemDatabase({ url: world.urls.system, maxConnections: 4, name: "test" });
  const { owner } = world;

  /** Begun long before anything that is said in it. */
  async function addConversation(
    shop?: Parameters<typeof world.addConversation>[0],
  ): Promise<ConversationRef> {
    const ref = await world.addConversation(shop);
    for (const table of ["customers", "subjects"])
      await owner.query(`update ${table} set created_at = '2015-01-01' where id = $1`, [ref.customerId]);
    for (const purpose of ["chat", "order", "finance"])
      await owner.query(
        `insert into subject_keys (shop_id, id, subject_id, purpose, epoch, wrapped) values ($1, $2, $3, $4, 1, 'k')`,
        [ref.shopId, newId(), ref.customerId, purpose],
      );
    return ref;
  }

  return {
    ...world,
    system,
    addConversation,
    ...retentionRows(owner),
    setRetention: (shopId: ShopId, retention: object) =>
      owner.query(`update shops set policies = jsonb_build_object('retention', $2::jsonb) where id = $1`, [
        shopId,
        JSON.stringify(retention),
      ]),
    close: async () => {
      await system.close();
      await world.close();
    },
  };
}

export type RetentionWorld = Awaited<ReturnType<typeof createRetentionWorld>>;

/** Rows of any age: nothing is sealed, and the time is the test's. */
export function retentionRows(owner: Client) {
  async function addMessage({ shopId, customerId }: ConversationRef, at: Date): Promise<string> {
    const id = newId<string>();
    await owner.query(
      `insert into messages (shop_id, id, customer_id, direction, author, kind, body, occurred_at, received_at)
        values ($1, $2, $3, 'in', 'customer', 'text', 'b', $4, $4)`,
      [shopId, id, customerId, at],
    );
    return id;
  }

  /** Of a message, or of nothing any more. */
  async function addPicture({ shopId, customerId }: ConversationRef, at: Date, messageId = newId<string>()) {
    const id = newId<string>();
    await owner.query(
      `insert into objects (shop_id, id, subject_id, purpose, kind, sealed_key, content_type, size, message_id, created_at)
        values ($1, $2, $3, 'chat', 'chat_image', 'k', 'image/webp', 1, $4, $5)`,
      [shopId, id, customerId, messageId, at],
    );
    return id;
  }

  async function addOrder({ shopId, customerId }: ConversationRef, story: OrderStory): Promise<string> {
    const { state = "completed", payment = "paid", deliveredAt = null, endedAt, paidAt = null } = story;
    const [id, methodId] = [newId<string>(), newId<string>()];
    await owner.query(
      `insert into payment_methods (shop_id, id, kind, name, created_at) values ($1, $2, 'transfer', 'Bank', now())`,
      [shopId, methodId],
    );
    await owner.query(
      `insert into orders (shop_id, id, customer_id, number, placed_at, order_state, payment_state, fulfilment_kind,
          fulfilment_state, currency, lines_minor, fee_minor, total_minor, received_minor, payment_method_id,
          payment_kind, contact, contact_version, summary_hash, timings, delivered_at, completed_at, cancelled_at,
          review_since, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, 'delivery', 'pending', 'MMK', 1000, 0, 1000, $8, $9, 'transfer', 'c', 1,
          'h', '{}', $10, $11, $12, $13, '2015-01-01', $14)`,
      [
        shopId,
        id,
        customerId,
        state === "draft" ? null : id,
        state === "draft" ? null : new Date(0),
        state,
        payment,
        paidAt ? 1_000 : 0,
        methodId,
        deliveredAt,
        state === "completed" ? endedAt : null,
        state === "cancelled" ? endedAt : null,
        story.isUnderReview === true ? new Date(0) : null,
        endedAt ?? new Date(0),
      ],
    );
    await owner.query(
      `insert into order_events (shop_id, id, order_id, type, actor_kind, note, at)
        values ($1, $2, $3, 'placed', 'customer', 'n', now())`,
      [shopId, newId(), id],
    );
    if (paidAt !== null)
      await owner.query(
        `insert into payment_entries (shop_id, id, order_id, kind, payment_method_id, amount_minor, currency, effect_key,
            recorded_at) values ($1, $2, $3, 'payment', $4, 1000, 'MMK', $2::uuid::text, $5)`,
        [shopId, newId(), id, methodId, paidAt],
      );
    return id;
  }

  async function addSlip(
    { shopId, customerId }: ConversationRef,
    orderId: string | null,
    state: string,
    at: Date,
  ) {
    const id = newId<string>();
    const objectId = await addPicture({ shopId, customerId }, at);
    await owner.query("update objects set purpose = $2 where id = $1", [
      objectId,
      state === "accepted" ? "finance" : "order",
    ]);
    await owner.query(
      `insert into payment_evidence (shop_id, id, customer_id, order_id, object_id, state, reading, sealed_for,
          received_at, decided_at) values ($1, $2, $3, $4, $5, $6::text, 'r',
          case $6::text when 'accepted' then 'finance' else 'order' end, $7, $7)`,
      [shopId, id, customerId, orderId, objectId, state, at],
    );
    return { id, objectId };
  }

  return {
    addMessage,
    addPicture,
    addOrder,
    addSlip,
    count: async (table: string, where: string, values: unknown[]): Promise<number> => {
      const { rows } = await owner.query<{ count: number }>(
        `select count(*)::int as count from ${table} where ${where}`,
        values,
      );
      return rows[0]?.count ?? 0;
    },
  };
}
