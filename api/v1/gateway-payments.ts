import { createRoute, z } from "@hono/zod-openapi";

import { listShopGatewayPayments } from "../../db/gateway-payments.ts";
import { listGatewayRefunds } from "../../db/gateway-refunds.ts";
import type { GatewayPaymentId, OrderId } from "../../domain/id.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { idField } from "./fields.schema.ts";
import { GatewayPaymentPageSchema, toGatewayPayment } from "./gateway-payments.schema.ts";
import { given } from "./given.ts";
import { listQuery, readIdCursor, toPage } from "./list.ts";
import { jsonAnswer } from "./route-parts.ts";

export const gatewayPaymentRoutes = createRouter();

const route = createRoute(
  scoped("payments.read", {
    operationId: "listGatewayPayments",
    method: "get",
    path: "/v1/gateway-payments",
    tags: ["Payments"],
    request: {
      query: z.strictObject({ ...listQuery, orderId: idField<OrderId>("ord").optional() }),
    },
    responses: {
      200: jsonAnswer("What was asked of payment providers, newest first", GatewayPaymentPageSchema),
    },
  }),
);

gatewayPaymentRoutes.openapi(route, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const { limit, cursor, orderId: ownerId } = c.req.valid("query");
  const filter = {
    shopId,
    limit: limit + 1,
    ...readIdCursor<GatewayPaymentId>(cursor),
    ...given({ ownerId }),
  };
  const { page, refunds } = await deps.db.withShop(shopId, async (trx) => {
    const page = toPage(await listShopGatewayPayments(trx, filter), limit, ({ id }) => id);
    const paymentIds = page.data.map(({ id }) => id);
    return { page, refunds: await listGatewayRefunds(trx, { shopId, paymentIds }) };
  });
  const data = page.data.map((row) =>
    toGatewayPayment(
      row,
      refunds.filter(({ payment_id }) => payment_id === row.id),
    ),
  );
  return c.json({ ...page, data }, 200);
});
