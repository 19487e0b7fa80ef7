import { sql } from "kysely";
import type { Selectable } from "kysely";

import type { ProductId, ShopId, VariantId } from "../domain/id.ts";
import type { Currency } from "../domain/money.ts";
import type { ShopTransaction } from "./connection.ts";
import type { VariantsTable } from "./schema/catalogue.ts";

export type VariantRow = Selectable<VariantsTable>;

/** A new variant has no stock; its first stock is a move like any other. */
export type NewVariant = {
  variantId: VariantId;
  name: string;
  priceMinor: number;
  currency: Currency;
  position: number;
  isActive: boolean;
};

export async function insertVariants(
  trx: ShopTransaction,
  { shopId, productId, variants }: { shopId: ShopId; productId: ProductId; variants: readonly NewVariant[] },
): Promise<void> {
  if (variants.length === 0) return;
  await trx
    .insertInto("variants")
    .values(
      variants.map((variant) => ({
        shop_id: shopId,
        id: variant.variantId,
        product_id: productId,
        name: variant.name,
        price_minor: variant.priceMinor,
        currency: variant.currency,
        position: variant.position,
        is_active: variant.isActive,
      })),
    )
    .execute();
}

export type VariantChanges = {
  variantId: VariantId;
  name?: string;
  priceMinor?: number;
  position?: number;
  isActive?: boolean;
};

/** The ids that were changed: fewer than given means that the others are not of this product. */
export async function updateVariants(
  trx: ShopTransaction,
  change: { shopId: ShopId; productId: ProductId; variants: readonly VariantChanges[] },
): Promise<VariantId[]> {
  if (change.variants.length === 0) return [];
  const changed = await sql<{ id: VariantId }>`
    update variants v
    set name = coalesce(c.name, v.name),
        price_minor = coalesce(c.price_minor, v.price_minor),
        position = coalesce(c.position, v.position),
        is_active = coalesce(c.is_active, v.is_active)
    from jsonb_to_recordset(${JSON.stringify(change.variants.map(toRecord))}::jsonb)
      as c (id uuid, name text, price_minor bigint, position integer, is_active boolean)
    where v.shop_id = ${change.shopId} and v.product_id = ${change.productId} and v.id = c.id
    returning v.id`.execute(trx);
  return changed.rows.map(({ id }) => id);
}

function toRecord(change: VariantChanges) {
  return {
    id: change.variantId,
    name: change.name,
    price_minor: change.priceMinor,
    position: change.position,
    is_active: change.isActive,
  };
}

export function findVariant(
  trx: ShopTransaction,
  { shopId, variantId }: { shopId: ShopId; variantId: VariantId },
): Promise<VariantRow | undefined> {
  return trx
    .selectFrom("variants")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", variantId)
    .executeTakeFirst();
}

/** All variants of the products, in the shop's order. */
export function listVariants(
  trx: ShopTransaction,
  { shopId, productIds }: { shopId: ShopId; productIds: readonly ProductId[] },
): Promise<VariantRow[]> {
  if (productIds.length === 0) return Promise.resolve([]);
  return trx
    .selectFrom("variants")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("product_id", "in", productIds)
    .orderBy("product_id")
    .orderBy("position")
    .orderBy("id")
    .execute();
}

/** Locks by id, so that two orders with the same variants wait for each other instead of deadlocking. */
export function lockVariants(
  trx: ShopTransaction,
  { shopId, variantIds }: { shopId: ShopId; variantIds: readonly VariantId[] },
): Promise<VariantRow[]> {
  if (variantIds.length === 0) return Promise.resolve([]);
  return trx
    .selectFrom("variants")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "in", variantIds)
    .orderBy("id")
    .forUpdate()
    .execute();
}
