import type { AccountId, CustomerId, MessageId, OrderId, PageId, ShopId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";
import type { IntakeKind, Standby } from "./schema/conversations.ts";

export type NewIntakeEvent = {
  /** Also the id of the message that it becomes. */
  id: MessageId;
  kind: IntakeKind;
  customerId: CustomerId;
  pageId: PageId | null;
  /** What makes it the same event when it comes again; 32 bytes. */
  eventKey: Buffer;
  midHash: Buffer | null;
  /** Place: customer, `chat`, `message.body`, the id; a `reason` is sealed for `order` as `intake.note`. */
  body: Sealed | null;
  actorId?: AccountId | null;
  orderId?: OrderId | null;
  standby?: Standby | null;
  occurredAt: Date;
  receivedAt: Date;
  /** Set for what is only stored, and waits for nobody. */
  claimedAt?: Date | null;
};

/** Stores events, the first one of a key wins; answers those that are new. */
export async function insertIntakeEvents(
  trx: ShopTransaction,
  { shopId, events }: { shopId: ShopId; events: NewIntakeEvent[] },
): Promise<MessageId[]> {
  if (events.length === 0) return [];
  const inserted = await trx
    .insertInto("intake")
    .values(
      events.map((event) => ({
        shop_id: shopId,
        id: event.id,
        kind: event.kind,
        customer_id: event.customerId,
        page_id: event.pageId,
        event_key: event.eventKey,
        mid_hash: event.midHash,
        body: event.body,
        actor_id: event.actorId ?? null,
        order_id: event.orderId ?? null,
        standby: event.standby ?? null,
        occurred_at: event.occurredAt,
        received_at: event.receivedAt,
        claimed_at: event.claimedAt ?? null,
      })),
    )
    .onConflict((conflict) => conflict.columns(["shop_id", "event_key"]).doNothing())
    .returning("id")
    .execute();
  return inserted.map(({ id }) => id);
}

/** What Messenger brought of a message: its words, and their later versions. */
const messageKinds: IntakeKind[] = ["message", "postback", "page_inbox", "edit"];

/** Takes the words out of what still waits, and was taken back. Call under the conversations' locks. */
export async function emptyTakenBack(
  trx: ShopTransaction,
  { shopId, customerIds, midHashes }: { shopId: ShopId; customerIds: CustomerId[]; midHashes: Buffer[] },
): Promise<void> {
  if (midHashes.length === 0) return;
  await trx
    .updateTable("intake")
    .set({ body: null })
    .where("shop_id", "=", shopId)
    .where("customer_id", "in", customerIds)
    .where("claimed_at", "is", null)
    .where("dead_at", "is", null)
    .where("kind", "in", messageKinds)
    .where("mid_hash", "in", midHashes)
    .execute();
}
