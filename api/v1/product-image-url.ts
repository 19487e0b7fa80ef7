import type { ProductRow } from "../../db/products.ts";
import { productImagePath } from "../../domain/shop/product-image-link.ts";
import type { ApiDeps } from "../deps.ts";

export async function productImageUrl(
  { blindIndexer }: Pick<ApiDeps, "blindIndexer">,
  product: Pick<ProductRow, "shop_id" | "image_object_id">,
): Promise<string | null> {
  if (product.image_object_id === null) return null;
  return productImagePath(blindIndexer, { shopId: product.shop_id, objectId: product.image_object_id });
}
