import { createRoute, z } from "@hono/zod-openapi";

import { listShopPayments } from "../../db/order-queries.ts";
import type { EvidenceId, OrderId } from "../../domain/id.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { idField } from "./fields.schema.ts";
import { given } from "./given.ts";
import { listQuery, readIdCursor, toPage } from "./list.ts";
import { PaymentPageSchema, toPayment } from "./payments.schema.ts";
import { jsonAnswer } from "./route-parts.ts";

export const paymentRoutes = createRouter();

const route = createRoute(
  scoped("payments.read", {
    operationId: "listPayments",
    method: "get",
    path: "/v1/payments",
    tags: ["Payments"],
    request: {
      query: z.strictObject({
        ...listQuery,
        orderId: idField<OrderId>("ord").optional(),
        evidenceId: idField<EvidenceId>("evd").optional(),
      }),
    },
    responses: { 200: jsonAnswer("The shop's ledger, newest first", PaymentPageSchema) },
  }),
);

paymentRoutes.openapi(route, async (c) => {
  const { deps, actor } = c.var;
  const { limit, cursor, orderId, evidenceId } = c.req.valid("query");
  const filter = {
    shopId: actor.shopId,
    limit: limit + 1,
    ...readIdCursor<string>(cursor),
    ...given({ orderId, evidenceId }),
  };
  const rows = await deps.db.withShop(actor.shopId, (trx) => listShopPayments(trx, filter));
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(toPayment) }, 200);
});
