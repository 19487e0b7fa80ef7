import { createRoute } from "@hono/zod-openapi";

import { findEvidenceDetail, listShopEvidence } from "../../db/evidence-queries.ts";
import { decodeReading } from "../../domain/payment/proof-reading.ts";
import { readingPlace } from "../../db/payment-evidence.ts";
import type { EvidenceId } from "../../domain/id.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { auditViewing } from "./audit.ts";
import {
  EvidencePageSchema,
  EvidenceSchema,
  ListEvidenceQuery,
  toEvidenceSummary,
  toReading,
} from "./evidence.schema.ts";
import { found, pathId, pathParams } from "./fields.schema.ts";
import { given } from "./given.ts";
import { readIdCursor, toPage } from "./list.ts";
import { pictureLink } from "./picture-links.ts";
import { jsonAnswer } from "./route-parts.ts";

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
    ...given({ state, orderId, customerId }),
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
    await auditViewing(trx, c, {
      action: "evidence.viewed",
      subjectId: row.customer_id,
      resourceId: evidenceId,
    });
    return row;
  });
  const [plaintext] = await deps.sealer.open([{ place: readingPlace(row), sealed: row.reading }]);
  const reading = plaintext === undefined ? null : toReading(decodeReading(plaintext));
  const picture = await pictureLink(deps, actor, row.object_id);
  return c.json({ ...toEvidenceSummary(row), reading, picture }, 200);
});
