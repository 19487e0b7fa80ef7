import { newId } from "../domain/id.ts";
import type { CustomerId, MessageId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";

export type NewReceipt = {
  customerId: CustomerId;
  kind: "echo" | "delivery" | "read";
  /** From an echo's metadata. */
  outboxId: MessageId | null;
  midHash: Buffer | null;
  /** Everything up to this time was delivered or read. */
  watermark: Date | null;
  occurredAt: Date;
  receivedAt: Date;
};

/** Repeated ones do no harm: they are applied in sets. */
export async function insertReceipts(
  trx: ShopTransaction,
  { shopId, receipts }: { shopId: ShopId; receipts: NewReceipt[] },
): Promise<void> {
  if (receipts.length === 0) return;
  await trx
    .insertInto("receipts")
    .values(
      receipts.map((receipt) => ({
        shop_id: shopId,
        id: newId<string>(),
        customer_id: receipt.customerId,
        kind: receipt.kind,
        outbox_id: receipt.outboxId,
        mid_hash: receipt.midHash,
        watermark: receipt.watermark,
        occurred_at: receipt.occurredAt,
        received_at: receipt.receivedAt,
      })),
    )
    .execute();
}

/** Which of the ids are parts of ours: an echo that carries one was sent by us, whatever app id it names. */
export async function listKnownParts(
  trx: ShopTransaction,
  { shopId, ids }: { shopId: ShopId; ids: MessageId[] },
): Promise<Set<MessageId>> {
  if (ids.length === 0) return new Set();
  const rows = await trx
    .selectFrom("outbox")
    .where("shop_id", "=", shopId)
    .where("id", "in", ids)
    .select("id")
    .execute();
  return new Set(rows.map(({ id }) => id));
}
