import { createRoute } from "@hono/zod-openapi";

import type { ShopTransaction } from "../../db/connection.ts";
import { findProduct, insertProduct, listProducts, updateProduct } from "../../db/products.ts";
import type { ProductRow } from "../../db/products.ts";
import { requireRoom } from "../../db/require-room.ts";
import { getShop } from "../../db/shops.ts";
import { moveStock } from "../../db/stock-moves.ts";
import { insertVariants, listVariants, updateVariants } from "../../db/variants.ts";
import type { VariantRow } from "../../db/variants.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId, ProductId, ShopId, VariantId } from "../../domain/id.ts";
import type { Currency } from "../../domain/money.ts";
import type { ApiDeps } from "../deps.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import { IfMatchHeaders, etagHeader, readIfMatch, setEtag, unlessChanged } from "./etag.ts";
import { found, pathId, pathParams } from "./fields.schema.ts";
import { given } from "./given.ts";
import { readIdCursor, toPage } from "./list.ts";
import { productImageUrl } from "./product-image-url.ts";
import {
  CreateProductBody,
  ListProductsQuery,
  ProductPageSchema,
  ProductSchema,
  UpdateProductBody,
  toProduct,
} from "./products.schema.ts";
import type { NewVariantBody, Product, UpdateProduct } from "./products.schema.ts";
import { jsonBody, jsonAnswer } from "./route-parts.ts";

export const productRoutes = createRouter();

const listRoute = createRoute(
  scoped("products.read", {
    operationId: "listProducts",
    method: "get",
    path: "/v1/products",
    tags: ["Products"],
    request: { query: ListProductsQuery },
    responses: { 200: jsonAnswer("The products, newest first", ProductPageSchema) },
  }),
);

productRoutes.openapi(listRoute, async (c) => {
  const { deps, actor } = c.var;
  const { limit, cursor, state } = c.req.valid("query");
  const { shopId } = actor;
  const { rows, variants } = await deps.db.withShop(shopId, async (trx) => {
    const filter = { shopId, ...readIdCursor<ProductId>(cursor), ...given({ state }) };
    const rows = await listProducts(trx, { ...filter, limit: limit + 1 });
    return { rows, variants: await listVariants(trx, { shopId, productIds: rows.map(({ id }) => id) }) };
  });
  const page = toPage(rows, limit, ({ id }) => id);
  const data = await Promise.all(page.data.map((row) => present(deps, row, variants)));
  return c.json({ ...page, data }, 200);
});

const createRouteOfProduct = createRoute(
  scoped("products.write", {
    operationId: "createProduct",
    method: "post",
    path: "/v1/products",
    tags: ["Products"],
    request: { body: jsonBody(CreateProductBody) },
    responses: { 201: jsonAnswer("The product", ProductSchema, etagHeader), ...problems(409) },
  }),
);

productRoutes.openapi(createRouteOfProduct, async (c) => {
  const { deps, actor } = c.var;
  const body = c.req.valid("json");
  const { shopId } = actor;
  const productId = newId<ProductId>();
  const now = deps.clock.now();
  const { row, variants } = await deps.db.withShop(shopId, async (trx) => {
    const { name, description, state } = body;
    const { currency } = await getShop(trx, { shopId });
    if (state !== "archived") await requireRoom(trx, { shopId, what: "products" });
    await insertProduct(trx, { shopId, productId, name, description, state, now });
    const added = { currency, variants: body.variants, firstPosition: 0, actorId: actor.accountId, now };
    await addVariants(trx, { shopId, productId, ...added });
    await audit(trx, c, { action: "product.created", resourceId: productId });
    return read(trx, { shopId, productId });
  });
  setEtag(c, row.version);
  return c.json(await present(deps, row, variants), 201);
});

const getRoute = createRoute(
  scoped("products.read", {
    operationId: "getProduct",
    method: "get",
    path: "/v1/products/{productId}",
    tags: ["Products"],
    request: { params: pathParams("productId", "prd") },
    responses: { 200: jsonAnswer("The product", ProductSchema, etagHeader), ...problems(404) },
  }),
);

productRoutes.openapi(getRoute, async (c) => {
  const { deps, actor } = c.var;
  const productId = pathId<ProductId>("prd", c.req.valid("param").productId);
  const { shopId } = actor;
  const { row, variants } = await deps.db.withShop(shopId, (trx) => read(trx, { shopId, productId }));
  setEtag(c, row.version);
  return c.json(await present(deps, row, variants), 200);
});

const updateRoute = createRoute(
  scoped("products.write", {
    operationId: "updateProduct",
    method: "patch",
    path: "/v1/products/{productId}",
    tags: ["Products"],
    request: {
      params: pathParams("productId", "prd"),
      headers: IfMatchHeaders,
      body: jsonBody(UpdateProductBody),
    },
    responses: {
      200: jsonAnswer("The product as it is now", ProductSchema, etagHeader),
      ...problems(404, 409, 412),
    },
  }),
);

productRoutes.openapi(updateRoute, async (c) => {
  const { deps, actor } = c.var;
  const productId = pathId<ProductId>("prd", c.req.valid("param").productId);
  const ifVersion = readIfMatch(c.req.valid("header")["if-match"]);
  const body = c.req.valid("json");
  const { shopId } = actor;
  const now = deps.clock.now();
  const { row, variants } = await deps.db.withShop(shopId, async (trx) => {
    const before = found(await findProduct(trx, { shopId, productId }), "prd");
    const isBack = before.state === "archived" && body.state !== undefined && body.state !== "archived";
    if (isBack) await requireRoom(trx, { shopId, what: "products" });
    const changes = given({ name: body.name, description: body.description, state: body.state });
    unlessChanged(await updateProduct(trx, { shopId, productId, ifVersion, changes, now }));
    await changeVariants(trx, { shopId, productId, body, actorId: actor.accountId, now });
    await audit(trx, c, { action: "product.updated", resourceId: productId });
    return read(trx, { shopId, productId });
  });
  setEtag(c, row.version);
  return c.json(await present(deps, row, variants), 200);
});

type ProductRef = { shopId: ShopId; productId: ProductId };

async function read(trx: ShopTransaction, { shopId, productId }: ProductRef) {
  const row = found(await findProduct(trx, { shopId, productId }), "prd");
  return { row, variants: await listVariants(trx, { shopId, productIds: [productId] }) };
}

async function present(deps: ApiDeps, row: ProductRow, variants: readonly VariantRow[]): Promise<Product> {
  return toProduct(row, variants, await productImageUrl(deps, row));
}

async function changeVariants(
  trx: ShopTransaction,
  change: ProductRef & { body: UpdateProduct; actorId: AccountId | null; now: Date },
): Promise<void> {
  const { shopId, productId, body } = change;
  const variants = body.variants ?? [];
  const added = body.addVariants ?? [];
  if (variants.length === 0 && added.length === 0) return;
  const { currency } = await getShop(trx, { shopId });
  const changed = await updateVariants(trx, {
    shopId,
    productId,
    variants: variants.map(({ id, name, price, position, isActive }, index) => ({
      variantId: id,
      ...given({ name, position, isActive }),
      ...(price === undefined
        ? {}
        : { priceMinor: amountIn(currency, price, `/variants/${index}/price/currency`) }),
    })),
  });
  if (changed.length !== variants.length) throw unknownVariant();
  const { length: firstPosition } = await listVariants(trx, { shopId, productIds: [productId] });
  await addVariants(trx, { ...change, currency, variants: added, firstPosition });
}

/** New variants, and their first stock as moves of the ledger. */
async function addVariants(
  trx: ShopTransaction,
  added: ProductRef & {
    currency: Currency;
    variants: readonly NewVariantBody[];
    firstPosition: number;
    actorId: AccountId | null;
    now: Date;
  },
): Promise<void> {
  const { shopId, productId, currency, actorId, now } = added;
  const variants = added.variants.map((variant, index) => ({
    ...variant,
    variantId: newId<VariantId>(),
    priceMinor: amountIn(currency, variant.price, `/variants/${index}/price/currency`),
    currency,
    position: added.firstPosition + index,
  }));
  await insertVariants(trx, { shopId, productId, variants });
  const moves = variants
    .filter(({ onHand }) => onHand > 0)
    .map(({ variantId, onHand }) => ({ variantId, onHandDelta: onHand, reservedDelta: 0 }));
  await moveStock(trx, { shopId, kind: "initial", orderId: null, actorId, moves, now });
}

function amountIn(
  currency: Currency,
  price: { amountMinor: number; currency: Currency },
  pointer: string,
): number {
  if (price.currency === currency) return price.amountMinor;
  throw new AppError("invalid", "product.currency", {
    internal: `price in ${price.currency}, shop in ${currency}`,
    public: `Prices of this shop are in ${currency}.`,
    errors: [{ pointer, message: `Must be ${currency}` }],
  });
}

function unknownVariant(): AppError {
  return new AppError("invalid", "product.unknown_variant", {
    internal: "a variant is not of this product, or named twice",
    public: "A variant does not belong to this product, or is named twice.",
    errors: [{ pointer: "/variants", message: "Must be variants of this product, each once" }],
  });
}
