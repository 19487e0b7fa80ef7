import { createRoute, z } from "@hono/zod-openapi";

import { listToldDisclosures } from "../../db/disclosures.ts";
import { disclosureGrounds } from "../../domain/access/disclosure.ts";
import { toTypeId } from "../../domain/id.ts";
import type { DisclosureId } from "../../domain/id.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { TimeSchema, idText, timeOrNull } from "./fields.schema.ts";
import { listQuery, pageOf, readIdCursor, toPage } from "./list.ts";
import { jsonAnswer } from "./route-parts.ts";

export const disclosureRoutes = createRouter();

const OwnDisclosureSchema = z
  .object({
    id: idText("dsc"),
    customerId: idText("cus"),
    ground: z.enum(disclosureGrounds),
    approvedAt: TimeSchema.nullable(),
  })
  .openapi("OwnDisclosure");

const route = createRoute(
  scoped("audit.read", {
    operationId: "listOwnDisclosures",
    method: "get",
    path: "/v1/disclosures",
    tags: ["Audit"],
    description:
      "Of which customers the law had the platform give out data, newest first; one that must be kept from the owner appears when that time is over.",
    request: { query: z.strictObject(listQuery) },
    responses: {
      200: jsonAnswer("The disclosures", pageOf(OwnDisclosureSchema).openapi("OwnDisclosurePage")),
    },
  }),
);

disclosureRoutes.openapi(route, async (c) => {
  const { deps, actor } = c.var;
  const { limit, cursor } = c.req.valid("query");
  const filter = { shopId: actor.shopId, limit: limit + 1, ...readIdCursor<DisclosureId>(cursor) };
  const rows = await deps.db.withShop(actor.shopId, (trx) => listToldDisclosures(trx, filter));
  const page = toPage(rows, limit, ({ id }) => id);
  const data = page.data.map((row) => ({
    id: toTypeId("dsc", row.id),
    customerId: toTypeId("cus", row.subject_id),
    ground: row.ground,
    approvedAt: timeOrNull(row.approved_at),
  }));
  return c.json({ ...page, data }, 200);
});
