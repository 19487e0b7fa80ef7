import type { Selectable } from "kysely";

import type { CustomerId, OrderId, PaymentMethodId, ShopId } from "../domain/id.ts";
import type { ContactSource } from "../domain/order/contact-source.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";
import type { CartLine, CartsTable } from "./schema/catalogue.ts";

export type CartRow = Selectable<CartsTable>;
type Ref = { shopId: ShopId; customerId: CustomerId };

export async function findCart(
  trx: ShopTransaction,
  { shopId, customerId }: Ref,
): Promise<CartRow | undefined> {
  return trx
    .selectFrom("carts")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .executeTakeFirst();
}

export type CartContent = {
  lines: CartLine[];
  contact: Sealed | null;
  contactVersion: number;
  contactSource: ContactSource;
  zoneId: string | null;
  paymentMethodId: PaymentMethodId | null;
  draftOrderId: OrderId | null;
};

/** Saves the working copy if nobody saved another one since it was read (`fromVersion` 0: there was none). */
export async function saveCart(
  trx: ShopTransaction,
  {
    shopId,
    customerId,
    fromVersion,
    content,
    now,
  }: Ref & {
    fromVersion: number;
    content: CartContent;
    now: Date;
  },
): Promise<boolean> {
  const values = {
    version: fromVersion + 1,
    lines: JSON.stringify(content.lines),
    contact: content.contact,
    contact_version: content.contactVersion,
    contact_source: content.contactSource,
    zone_id: content.zoneId,
    payment_method_id: content.paymentMethodId,
    draft_order_id: content.draftOrderId,
    updated_at: now,
  };
  const row = await trx
    .insertInto("carts")
    .values({ shop_id: shopId, customer_id: customerId, ...values })
    .onConflict((conflict) =>
      conflict
        .columns(["shop_id", "customer_id"])
        .doUpdateSet(values)
        .where("carts.version", "=", fromVersion),
    )
    .returning("version")
    .executeTakeFirst();
  return row !== undefined;
}

/** Empties the lines after an order was placed from them; name, phone and address stay for the next one. */
export async function emptyCart(
  trx: ShopTransaction,
  { shopId, customerId, orderId, now }: Ref & { orderId: OrderId; now: Date },
): Promise<void> {
  await trx
    .updateTable("carts")
    .set((eb) => ({
      lines: "[]",
      draft_order_id: null,
      payment_method_id: null,
      version: eb("version", "+", 1),
      updated_at: now,
    }))
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where("draft_order_id", "=", orderId)
    .execute();
}
