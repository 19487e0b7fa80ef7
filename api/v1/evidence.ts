import { createRoute, z } from "@hono/zod-openapi";

import { findEvidenceDetail, listShopEvidence } from "../../db/evidence-queries.ts";
import type { EvidenceId, OrderId } from "../../domain/id.ts";
import { idempotent } from "../idempotency.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import {
  EvidencePageSchema,
  EvidenceSchema,
  ListEvidenceQuery,
  decodeReading,
  toEvidenceSummary,
} from "./evidence.schema.ts";
import { decideOrder } from "./decide-order.ts";
import { found, idField, pathId, pathParams } from "./fields.schema.ts";
import { readIdCursor, toPage } from "./list.ts";
import { OrderSummarySchema } from "./orders.schema.ts";
import { pictureLink } from "./picture-links.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const evidenceRoutes = createRouter();

const listRoute = createRoute(
  scoped("payments.read", {
    operationId: "listPaymentEvidence",
    method: "get",
    path: "/v1/payment-evidence",
    tags: ["Payments"],
    request: { query: ListEvidenceQuery },
    responses: { 200: jsonAnswer("The slips, newest first", EvidencePageSchema) },
  }),
);

evidenceRoutes.openapi(listRoute, async (c) => {
  const { deps, actor } = c.var;
  const { limit, cursor, state, orderId, customerId } = c.req.valid("query");
  const filter = {
    shopId: actor.shopId,
    limit: limit + 1,
    ...readIdCursor<EvidenceId>(cursor),
    ...(state === undefined ? {} : { state }),
    ...(orderId === undefined ? {} : { orderId }),
    ...(customerId === undefined ? {} : { customerId }),
  };
  const rows = await deps.db.withShop(actor.shopId, (trx) => listShopEvidence(trx, filter));
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(toEvidenceSummary) }, 200);
});

const getRoute = createRoute(
  scoped("payments.read", {
    operationId: "getPaymentEvidence",
    method: "get",
    path: "/v1/payment-evidence/{evidenceId}",
    tags: ["Payments"],
    request: { params: pathParams("evidenceId", "evd") },
    responses: {
      200: jsonAnswer("What was read from the slip, and a link to its picture", EvidenceSchema),
      ...problems(404),
    },
  }),
);

evidenceRoutes.openapi(getRoute, async (c) => {
  const { deps, actor } = c.var;
  const evidenceId = pathId<EvidenceId>("evd", c.req.valid("param").evidenceId);
  const { shopId } = actor;
  const row = await deps.db.withShop(shopId, async (trx) => {
    const row = found(await findEvidenceDetail(trx, { shopId, evidenceId }), "evd");
    await audit(trx, c, { action: "evidence.viewed", subjectId: row.customer_id, resourceId: evidenceId });
    return row;
  });
  const place = {
    shopId,
    subjectId: row.customer_id,
    purpose: row.sealed_for,
    field: "evidence.reading",
    rowId: evidenceId,
  };
  const [plaintext] = await deps.sealer.open([{ place, sealed: row.reading }]);
  const reading = plaintext === undefined ? null : decodeReading(plaintext);
  const picture = await pictureLink(deps, actor, row.object_id);
  return c.json({ ...toEvidenceSummary(row), reading, picture }, 200);
});

const OfOrderBody = z.strictObject({ orderId: idField<OrderId>("ord") }).openapi("OrderOfEvidence");

/** The owner says what becomes of a slip that no order waited for; the answer is the order that it is then of. */
for (const { operationId, verb, name, description } of [
  {
    operationId: "matchPaymentEvidence",
    verb: "match",
    name: "matchEvidence",
    description:
      "The unmatched slip belongs to this order of the same customer. Then it is confirmed or refused as any other; of an order that has ended the money is owed to the customer.",
  },
  {
    operationId: "reviveOrder",
    verb: "revive",
    name: "reviveOrder",
    description:
      "The order expired, and its slip came late: if the stock is there, the order is open again at the prices that the customer confirmed, and the slip is under review. The slip is unmatched, or linked to this order and undecided.",
  },
] as const) {
  const route = createRoute(
    idempotent(
      scoped("payments.approve", {
        operationId,
        method: "post",
        path: `/v1/payment-evidence/{evidenceId}/${verb}`,
        tags: ["Payments"],
        description,
        request: { params: pathParams("evidenceId", "evd"), body: jsonBody(OfOrderBody) },
        responses: {
          200: jsonAnswer("The order as it is now", OrderSummarySchema),
          ...problems(404, 409, 503, 504),
        },
      }),
    ),
  );
  evidenceRoutes.openapi(route, async (c) => {
    const { deps, actor } = c.var;
    const evidenceId = pathId<EvidenceId>("evd", c.req.valid("param").evidenceId);
    const { shopId } = actor;
    found(await deps.db.withShop(shopId, (trx) => findEvidenceDetail(trx, { shopId, evidenceId })), "evd");
    const order = await decideOrder(c, c.req.valid("json").orderId, {
      name,
      request: ({ by }) => ({ by, evidenceId }),
    });
    return c.json(order, 200);
  });
}
