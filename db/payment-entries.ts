import type { Insertable, Selectable } from "kysely";

import type { OrderId, PaymentMethodId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PaymentEntriesTable } from "./schema/orders.ts";

export type PaymentEntryRow = Selectable<PaymentEntriesTable>;

/** `repeated`: this effect is booked. `reference_taken`: another payment has the bank's reference. */
export async function insertPaymentEntry(
  trx: ShopTransaction,
  entry: Insertable<PaymentEntriesTable>,
): Promise<"booked" | "repeated" | "reference_taken"> {
  const row = await trx
    .insertInto("payment_entries")
    .values(entry)
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .executeTakeFirst();
  if (row) return "booked";
  const same = await trx
    .selectFrom("payment_entries")
    .select("id")
    .where("shop_id", "=", entry.shop_id)
    .where("effect_key", "=", entry.effect_key)
    .executeTakeFirst();
  return same ? "repeated" : "reference_taken";
}

export async function isReferenceTaken(
  trx: ShopTransaction,
  {
    shopId,
    paymentMethodId,
    referenceIndex,
  }: { shopId: ShopId; paymentMethodId: PaymentMethodId; referenceIndex: Buffer },
): Promise<boolean> {
  const row = await trx
    .selectFrom("payment_entries")
    .select("id")
    .where("shop_id", "=", shopId)
    .where("payment_method_id", "=", paymentMethodId)
    .where("reference_index", "=", referenceIndex)
    .where("kind", "=", "payment")
    .executeTakeFirst();
  return row !== undefined;
}

export async function listPaymentEntries(
  trx: ShopTransaction,
  { shopId, orderId }: { shopId: ShopId; orderId: OrderId },
): Promise<PaymentEntryRow[]> {
  return trx
    .selectFrom("payment_entries")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("order_id", "=", orderId)
    .orderBy("recorded_at")
    .execute();
}
