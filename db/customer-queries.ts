import type { CustomerId, OrderId, PageId, ShopId } from "../domain/id.ts";
import type { Language } from "../domain/shop/policies.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";

export type ListedCustomer = {
  id: CustomerId;
  page_id: PageId;
  created_at: Date;
  language: Language | null;
  order_count: number;
  /** The contact of the newest order that was placed. */
  contact_order_id: OrderId | null;
  contact: Sealed | null;
};

/** Newest first, without those who are being erased or were; `before` is the last id of the page above. */
export function listCustomers(
  trx: ShopTransaction,
  filter: { shopId: ShopId; before?: CustomerId; limit: number },
): Promise<ListedCustomer[]> {
  let query = trx
    .selectFrom("customers")
    .innerJoin("subjects", (join) =>
      join
        .onRef("subjects.shop_id", "=", "customers.shop_id")
        .onRef("subjects.id", "=", "customers.id")
        .on("subjects.state", "in", ["active", "frozen"]),
    )
    .leftJoin("conversations", (join) =>
      join
        .onRef("conversations.shop_id", "=", "customers.shop_id")
        .onRef("conversations.customer_id", "=", "customers.id"),
    )
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom("orders")
          .select(["orders.id as contact_order_id", "orders.contact"])
          .where("orders.shop_id", "=", filter.shopId)
          .whereRef("orders.customer_id", "=", "customers.id")
          .where("orders.placed_at", "is not", null)
          .orderBy("orders.id", "desc")
          .limit(1)
          .as("newest"),
      (join) => join.onTrue(),
    )
    .select([
      "customers.id",
      "customers.page_id",
      "customers.created_at",
      "conversations.language",
      "newest.contact_order_id",
      "newest.contact",
    ])
    .select((eb) =>
      eb
        .selectFrom("orders as o")
        .select((eb) => eb.fn.countAll<number>().as("count"))
        .where("o.shop_id", "=", filter.shopId)
        .whereRef("o.customer_id", "=", "customers.id")
        .where("o.placed_at", "is not", null)
        .$asScalar()
        .$notNull()
        .as("order_count"),
    )
    .where("customers.shop_id", "=", filter.shopId)
    .orderBy("customers.id", "desc")
    .limit(filter.limit);
  if (filter.before !== undefined) query = query.where("customers.id", "<", filter.before);
  return query.execute();
}

export async function isCustomer(
  trx: ShopTransaction,
  { shopId, customerId }: { shopId: ShopId; customerId: CustomerId },
): Promise<boolean> {
  const row = await trx
    .selectFrom("customers")
    .select("id")
    .where("shop_id", "=", shopId)
    .where("id", "=", customerId)
    .executeTakeFirst();
  return row !== undefined;
}
