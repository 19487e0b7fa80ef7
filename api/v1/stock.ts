import { createRoute, z } from "@hono/zod-openapi";

import { listStockMoves, moveStock } from "../../db/stock-moves.ts";
import type { StockMoveRow } from "../../db/stock-moves.ts";
import { findVariant } from "../../db/variants.ts";
import { AppError } from "../../domain/app-error.ts";
import { toTypeId } from "../../domain/id.ts";
import type { VariantId } from "../../domain/id.ts";
import { idempotent } from "../idempotency.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import { TimeSchema, found, idText, pathId, pathParams } from "./fields.schema.ts";
import { listQuery, pageOf, readIdCursor, toPage } from "./list.ts";
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

const adjustRoute = createRoute(
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
    async (c) => {
      const { deps, actor } = c.var;
      const variantId = pathId<VariantId>("var", c.req.param("variantId") ?? "");
      const { shopId } = actor;
      const variant = await deps.db.withShop(shopId, (trx) => findVariant(trx, { shopId, variantId }));
      return toVariant(found(variant, "var"));
    },
  ),
);

stockRoutes.openapi(adjustRoute, async (c) => {
  const { deps, actor, effect } = c.var;
  const variantId = pathId<VariantId>("var", c.req.valid("param").variantId);
  const { delta } = c.req.valid("json");
  const { shopId, accountId } = actor;
  const variant = await deps.db.withShop(shopId, async (trx) => {
    found(await findVariant(trx, { shopId, variantId }), "var");
    const moves = [{ variantId, onHandDelta: delta, reservedDelta: 0 }];
    const by = { orderId: null, actorId: accountId, now: deps.clock.now(), effectId: effect.id };
    const { outcome } = await moveStock(trx, { shopId, kind: "adjust", moves, ...by });
    if (outcome === "short") throw belowReserved();
    await audit(trx, c, { action: "stock.adjusted", resourceId: variantId, data: { delta } });
    return found(await findVariant(trx, { shopId, variantId }), "var");
  });
  return c.json(toVariant(variant), 200);
});

const StockMoveSchema = z
  .object({
    id: z.string(),
    kind: z.enum(["initial", "adjust", "reserve", "release", "sell", "restock"]),
    onHandDelta: z.int(),
    reservedDelta: z.int(),
    orderId: idText("ord").nullable(),
    accountId: idText("acc").nullable(),
    at: TimeSchema,
  })
  .openapi("StockMove");

const listRoute = createRoute(
  scoped("products.read", {
    operationId: "listStockMoves",
    method: "get",
    path: "/v1/variants/{variantId}/stock-moves",
    tags: ["Products"],
    request: { params: pathParams("variantId", "var"), query: z.strictObject(listQuery) },
    responses: {
      200: jsonAnswer("The stock's ledger, newest first", pageOf(StockMoveSchema).openapi("StockMovePage")),
      ...problems(404),
    },
  }),
);

stockRoutes.openapi(listRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const variantId = pathId<VariantId>("var", c.req.valid("param").variantId);
  const { limit, cursor } = c.req.valid("query");
  const filter = { shopId, variantId, limit: limit + 1, ...readIdCursor<string>(cursor) };
  const rows = await deps.db.withShop(shopId, async (trx) => {
    found(await findVariant(trx, { shopId, variantId }), "var");
    return listStockMoves(trx, filter);
  });
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(toStockMove) }, 200);
});

function toStockMove(row: StockMoveRow): z.infer<typeof StockMoveSchema> {
  return {
    id: row.id,
    kind: row.kind,
    onHandDelta: row.on_hand_delta,
    reservedDelta: row.reserved_delta,
    orderId: row.order_id === null ? null : toTypeId("ord", row.order_id),
    accountId: row.actor_id === null ? null : toTypeId("acc", row.actor_id),
    at: row.at.toISOString(),
  };
}

function belowReserved(): AppError {
  return new AppError("conflict", "stock.below_reserved", {
    internal: "the move would take what is reserved",
    public: "This would take away pieces that are reserved for orders.",
  });
}
