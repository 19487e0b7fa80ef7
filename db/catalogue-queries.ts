import { jsonArrayFrom } from "kysely/helpers/postgres";

import type { ObjectId, ProductId, ShopId, VariantId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";

/** A published product with its variants that are for sale, by their position. */
export type ProductForSale = {
  productId: ProductId;
  name: string;
  description: string;
  imageObjectId: ObjectId | null;
  variants: { variantId: VariantId; name: string; priceMinor: number; onHand: number; reserved: number }[];
};

/** The newest products, newest first. */
export function listForSale(
  trx: ShopTransaction,
  { shopId, limit }: { shopId: ShopId; limit: number },
): Promise<ProductForSale[]> {
  return trx
    .selectFrom("products")
    .select((eb) => [
      "products.id as productId",
      "products.name",
      "products.description",
      "products.image_object_id as imageObjectId",
      jsonArrayFrom(
        eb
          .selectFrom("variants")
          .select([
            "variants.id as variantId",
            "variants.name",
            "price_minor as priceMinor",
            "on_hand as onHand",
            "reserved",
          ])
          .whereRef("variants.shop_id", "=", "products.shop_id")
          .whereRef("variants.product_id", "=", "products.id")
          .where("is_active", "=", true)
          .orderBy("position")
          .orderBy("variants.id"),
      ).as("variants"),
    ])
    .where("products.shop_id", "=", shopId)
    .where("products.state", "=", "published")
    .orderBy("products.id", "desc")
    .limit(limit)
    .execute();
}
