import { createRoute, z } from "@hono/zod-openapi";

import { moveStock } from "../../db/stock-moves.ts";
import { findVariant } from "../../db/variants.ts";
import { AppError } from "../../domain/app-error.ts";
import type { VariantId } from "../../domain/id.ts";
import { idempotent } from "../idempotency.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import { found, pathId, pathParams } from "./fields.schema.ts";
import { VariantSchema, toVariant } from "./products.schema.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const stockRoutes = createRouter();

const maxDelta = 1_000_000_000;

const AdjustStockBody = z
  .strictObject({
    delta: z
      .int()
      .min(-maxDelta)
      .max(maxDelta)
      .refine((delta) => delta !== 0, "Must not be 0")
      .openapi({ description: "Pieces that came in (positive) or went out of the stock (negative)." }),
  })
  .openapi("AdjustStock");

const route = createRoute(
  idempotent(
    scoped("products.write", {
      operationId: "adjustStock",
      method: "post",
      path: "/v1/variants/{variantId}/adjust-stock",
      tags: ["Products"],
      description: "Adds a move to the stock's ledger. What is reserved for orders cannot be taken away.",
      request: { params: pathParams("variantId", "var"), body: jsonBody(AdjustStockBody) },
      responses: { 200: jsonAnswer("The variant with its stock", VariantSchema), ...problems(404, 409) },
    }),
  ),
);

stockRoutes.openapi(route, async (c) => {
  const { deps, actor } = c.var;
  const variantId = pathId<VariantId>("var", c.req.valid("param").variantId);
  const { delta } = c.req.valid("json");
  const { shopId, accountId } = actor;
  const variant = await deps.db.withShop(shopId, async (trx) => {
    found(await findVariant(trx, { shopId, variantId }), "var");
    const moves = [{ variantId, onHandDelta: delta, reservedDelta: 0 }];
    const by = { orderId: null, actorId: accountId, now: deps.clock.now() };
    const { outcome } = await moveStock(trx, { shopId, kind: "adjust", moves, ...by });
    if (outcome === "short") throw belowReserved();
    await audit(trx, c, { action: "stock.adjusted", resourceId: variantId, data: { delta } });
    return found(await findVariant(trx, { shopId, variantId }), "var");
  });
  return c.json(toVariant(variant), 200);
});

function belowReserved(): AppError {
  return new AppError("conflict", "stock.below_reserved", {
    internal: "the move would take what is reserved",
    public: "This would take away pieces that are reserved for orders.",
  });
}
