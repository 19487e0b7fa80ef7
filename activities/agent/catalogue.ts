import { listForSale } from "../../db/catalogue-queries.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import type { ObjectId, ProductId, ShopId, VariantId } from "../../domain/id.ts";

export type CatalogueOption = {
  variantId: VariantId;
  name: string;
  priceMinor: number;
  /** On hand and not reserved. */
  available: number;
};

export type CatalogueProduct = {
  productId: ProductId;
  name: string;
  description: string;
  imageObjectId: ObjectId | null;
  options: CatalogueOption[];
};

/** A shop of chat size; a larger one needs an index. */
const mostProducts = 500;

/** What is published and for sale now, read anew for every use: prices and stock are never remembered. */
export async function readCatalogue(trx: ShopTransaction, shopId: ShopId): Promise<CatalogueProduct[]> {
  const products = await listForSale(trx, { shopId, limit: mostProducts });
  return products.map(({ variants, ...product }) => ({
    ...product,
    options: variants.map(({ onHand, reserved, ...option }) => ({ ...option, available: onHand - reserved })),
  }));
}

export function findOption(
  catalogue: readonly CatalogueProduct[],
  variantId: string,
): { product: CatalogueProduct; option: CatalogueOption } | undefined {
  for (const product of catalogue) {
    const option = product.options.find((candidate) => candidate.variantId === variantId);
    if (option) return { product, option };
  }
  return undefined;
}

export function optionName(product: CatalogueProduct, option: CatalogueOption): string {
  return option.name === "" ? product.name : `${product.name} (${option.name})`;
}
