import type { ObjectId, ProductId, ShopId, VariantId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";

/** A published product with one of its variants for sale; a product without any has one row of nulls. */
export type ForSaleRow = {
  productId: ProductId;
  productName: string;
  description: string;
  imageObjectId: ObjectId | null;
  variantId: VariantId | null;
  variantName: string | null;
  priceMinor: number | null;
  onHand: number | null;
  reserved: number | null;
};

/** Of the newest products, newest first, each one's variants by their position. */
export function listForSale(
  trx: ShopTransaction,
  { shopId, mostProducts }: { shopId: ShopId; mostProducts: number },
): Promise<ForSaleRow[]> {
  return trx
    .selectFrom((eb) =>
      eb
        .selectFrom("products")
        .select(["shop_id", "id", "name", "description", "image_object_id"])
        .where("shop_id", "=", shopId)
        .where("state", "=", "published")
        .orderBy("id", "desc")
        .limit(mostProducts)
        .as("products"),
    )
    .leftJoin("variants", (join) =>
      join
        .onRef("variants.shop_id", "=", "products.shop_id")
        .onRef("variants.product_id", "=", "products.id")
        .on("variants.is_active", "=", true),
    )
    .select([
      "products.id as productId",
      "products.name as productName",
      "products.description",
      "products.image_object_id as imageObjectId",
      "variants.id as variantId",
      "variants.name as variantName",
      "variants.price_minor as priceMinor",
      "variants.on_hand as onHand",
      "variants.reserved",
    ])
    .orderBy("products.id", "desc")
    .orderBy("variants.position")
    .orderBy("variants.id")
    .execute();
}
