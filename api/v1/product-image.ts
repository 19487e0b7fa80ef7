import { createRoute } from "@hono/zod-openapi";

import { findProduct, updateProduct } from "../../db/products.ts";
import { listVariants } from "../../db/variants.ts";
import type { ProductId } from "../../domain/id.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import { IfMatchHeaders, etagHeader, readIfMatch, setEtag, unlessChanged } from "./etag.ts";
import { found, pathId, pathParams } from "./fields.schema.ts";
import { productImageUrl } from "./product-image-url.ts";
import { ProductSchema, toProduct } from "./products.schema.ts";
import { jsonAnswer, pictureBody } from "./route-parts.ts";
import { readPicture, storePicture } from "./store-picture.ts";

export const productImageRoutes = createRouter();

const route = createRoute(
  scoped("products.write", {
    operationId: "setProductImage",
    method: "put",
    path: "/v1/products/{productId}/image",
    tags: ["Products"],
    description: "A JPEG, PNG, WebP or GIF of at most 10 MB, as form field `image` or as the body itself.",
    request: { params: pathParams("productId", "prd"), headers: IfMatchHeaders, body: pictureBody },
    responses: {
      200: jsonAnswer("The product with its picture", ProductSchema, etagHeader),
      ...problems(404, 412, 413, 415),
    },
  }),
);

productImageRoutes.openapi(route, async (c) => {
  const { deps, actor } = c.var;
  const productId = pathId<ProductId>("prd", c.req.valid("param").productId);
  const ifVersion = readIfMatch(c.req.valid("header")["if-match"]);
  const { shopId } = actor;
  found(await deps.db.withShop(shopId, (trx) => findProduct(trx, { shopId, productId })), "prd");
  const { row, variants } = await storePicture(
    c,
    await readPicture(c),
    "product_image",
    async (trx, objectId) => {
      const changes = { imageObjectId: objectId };
      const now = deps.clock.now();
      const row = unlessChanged(await updateProduct(trx, { shopId, productId, ifVersion, changes, now }));
      await audit(trx, c, { action: "product.image_set", resourceId: productId });
      return { row, variants: await listVariants(trx, { shopId, productIds: [productId] }) };
    },
  );
  setEtag(c, row.version);
  return c.json(toProduct(row, variants, await productImageUrl(deps, row)), 200);
});
