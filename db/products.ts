import type { Selectable } from "kysely";

import type { ObjectId, ProductId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { ProductsTable } from "./schema/catalogue.ts";

export type ProductRow = Selectable<ProductsTable>;
export type ProductState = ProductsTable["state"];

export async function insertProduct(
  trx: ShopTransaction,
  product: {
    shopId: ShopId;
    productId: ProductId;
    name: string;
    description: string;
    state: ProductState;
    now: Date;
  },
): Promise<void> {
  await trx
    .insertInto("products")
    .values({
      shop_id: product.shopId,
      id: product.productId,
      name: product.name,
      description: product.description,
      state: product.state,
      created_at: product.now,
      updated_at: product.now,
    })
    .execute();
}

export function findProduct(
  trx: ShopTransaction,
  { shopId, productId }: { shopId: ShopId; productId: ProductId },
): Promise<ProductRow | undefined> {
  return trx
    .selectFrom("products")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", productId)
    .executeTakeFirst();
}

/** Newest first; `before` is the last id of the page above. */
export function listProducts(
  trx: ShopTransaction,
  filter: { shopId: ShopId; state?: ProductState; before?: ProductId; limit: number },
): Promise<ProductRow[]> {
  let query = trx
    .selectFrom("products")
    .selectAll()
    .where("shop_id", "=", filter.shopId)
    .orderBy("id", "desc")
    .limit(filter.limit);
  if (filter.state !== undefined) query = query.where("state", "=", filter.state);
  if (filter.before !== undefined) query = query.where("id", "<", filter.before);
  return query.execute();
}

export type ProductChanges = {
  name?: string;
  description?: string;
  state?: ProductState;
  imageObjectId?: ObjectId;
};

/** Undefined: the product is not there, or no longer at `ifVersion`. A change of its variants counts as a change too. */
export function updateProduct(
  trx: ShopTransaction,
  change: {
    shopId: ShopId;
    productId: ProductId;
    ifVersion: number | null;
    changes: ProductChanges;
    now: Date;
  },
): Promise<ProductRow | undefined> {
  const { name, description, state, imageObjectId } = change.changes;
  let query = trx
    .updateTable("products")
    .set((eb) => ({
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(state === undefined ? {} : { state }),
      ...(imageObjectId === undefined ? {} : { image_object_id: imageObjectId }),
      version: eb("version", "+", 1),
      updated_at: change.now,
    }))
    .where("shop_id", "=", change.shopId)
    .where("id", "=", change.productId);
  if (change.ifVersion !== null) query = query.where("version", "=", change.ifVersion);
  return query.returningAll().executeTakeFirst();
}
