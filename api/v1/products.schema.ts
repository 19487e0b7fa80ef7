import { z } from "@hono/zod-openapi";

import type { ProductRow } from "../../db/products.ts";
import type { VariantRow } from "../../db/variants.ts";
import { toTypeId } from "../../domain/id.ts";
import type { VariantId } from "../../domain/id.ts";
import { MoneySchema, TimeSchema, idField, idText, lineOf, textOf } from "./fields.schema.ts";
import { listQuery, pageOf } from "./list.ts";

const ProductState = z
  .enum(["draft", "published", "archived"])
  .openapi({ description: "Only published products are offered to customers." });

const stock = z.int().min(0).max(1_000_000_000);
const position = z.int().min(0).max(10_000);

export const VariantSchema = z
  .object({
    id: idText("var"),
    name: z.string().openapi({ description: "Empty for the only variant of a plain product." }),
    price: MoneySchema,
    onHand: stock,
    reserved: stock.openapi({ description: "Held for orders that are not paid or not shipped yet." }),
    available: stock,
    position,
    isActive: z.boolean(),
  })
  .openapi("Variant");

export const ProductSchema = z
  .object({
    id: idText("prd"),
    name: z.string(),
    description: z.string(),
    state: ProductState,
    imageUrl: z.string().nullable().openapi({ description: "Path on this server, public and cacheable." }),
    variants: z.array(VariantSchema),
    version: z.int(),
    createdAt: TimeSchema,
    updatedAt: TimeSchema,
  })
  .openapi("Product");

export const ProductPageSchema = pageOf(ProductSchema).openapi("ProductPage");
export type Product = z.infer<typeof ProductSchema>;

export const ListProductsQuery = z.strictObject({ ...listQuery, state: ProductState.optional() });

const NewVariantSchema = z.strictObject({
  name: textOf(100).default(""),
  price: MoneySchema,
  onHand: stock.default(0).openapi({ description: "First stock; afterwards use adjustStock." }),
  isActive: z.boolean().default(true),
});

export const CreateProductBody = z
  .strictObject({
    name: lineOf(200),
    description: textOf(5_000).default(""),
    state: ProductState.default("published"),
    variants: z.array(NewVariantSchema).min(1).max(100),
  })
  .openapi("CreateProduct");

const ChangedVariantSchema = z.strictObject({
  id: idField<VariantId>("var"),
  name: textOf(100).optional(),
  price: MoneySchema.optional(),
  position: position.optional(),
  isActive: z.boolean().optional(),
});

export const UpdateProductBody = z
  .strictObject({
    name: lineOf(200).optional(),
    description: textOf(5_000).optional(),
    state: ProductState.optional(),
    variants: z
      .array(ChangedVariantSchema)
      .max(100)
      .optional()
      .openapi({ description: "Those named are changed, the others stay." }),
    addVariants: z.array(NewVariantSchema).max(100).optional(),
  })
  .refine((body) => Object.keys(body).length > 0, "Names no change")
  .openapi("UpdateProduct", { minProperties: 1 });

export type NewVariantBody = z.infer<typeof NewVariantSchema>;
export type UpdateProduct = z.infer<typeof UpdateProductBody>;

export function toVariant(row: VariantRow): z.infer<typeof VariantSchema> {
  return {
    id: toTypeId("var", row.id),
    name: row.name,
    price: { amountMinor: row.price_minor, currency: row.currency },
    onHand: row.on_hand,
    reserved: row.reserved,
    available: row.on_hand - row.reserved,
    position: row.position,
    isActive: row.is_active,
  };
}

export function toProduct(
  row: ProductRow,
  variants: readonly VariantRow[],
  imageUrl: string | null,
): Product {
  return {
    id: toTypeId("prd", row.id),
    name: row.name,
    description: row.description,
    state: row.state,
    imageUrl,
    variants: variants.filter((variant) => variant.product_id === row.id).map(toVariant),
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
