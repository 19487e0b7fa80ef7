import { createRoute, z } from "@hono/zod-openapi";

import { platformShopId } from "../../../db/accounts.ts";
import { listHeads } from "../../../db/system-audit.ts";
import { toTypeId } from "../../../domain/id.ts";
import type { ShopId } from "../../../domain/id.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { TimeSchema, idText } from "../fields.schema.ts";
import { given } from "../given.ts";
import { listQuery, pageOf, readIdCursor, toPage } from "../list.ts";
import { jsonAnswer } from "../route-parts.ts";

export const auditHeadRoutes = createRouter();

const HeadSchema = z
  .object({
    shopId: idText("shop").nullable().openapi({ description: "Null: the platform's own log." }),
    sequence: z.int(),
    hash: z.string().openapi({ description: "SHA-256 of the last link, in hexadecimal." }),
    lastAt: TimeSchema.openapi({ description: "When its entry was written." }),
  })
  .openapi("AuditHead");

const route = createRoute(
  scoped("auditHeads.read", {
    operationId: "listAuditHeads",
    method: "get",
    path: "/v1/compliance/audit-heads",
    tags: ["Compliance: audit"],
    description: "The last link of each audit log: whoever keeps it can tell later that nothing was changed.",
    request: { query: z.strictObject(listQuery) },
    responses: { 200: jsonAnswer("The heads", pageOf(HeadSchema).openapi("AuditHeadPage")) },
  }),
);

auditHeadRoutes.openapi(route, async (c) => {
  const { limit, cursor } = c.req.valid("query");
  const { before: after } = readIdCursor<ShopId>(cursor);
  const heads = await listHeads(c.var.deps.system, { ...given({ after }), limit: limit + 1 });
  const page = toPage(heads, limit, ({ shopId }) => shopId);
  const data = page.data.map(({ shopId, sequence, hash, lastAt }) => ({
    shopId: shopId === platformShopId ? null : toTypeId("shop", shopId),
    sequence,
    hash: hash.toString("hex"),
    lastAt: lastAt.toISOString(),
  }));
  return c.json({ ...page, data }, 200);
});
