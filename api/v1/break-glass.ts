import { createRoute, z } from "@hono/zod-openapi";

import { countBreakGlassReads, listBreakGlassOfShop } from "../../db/break-glass.ts";
import type { BreakGlassId } from "../../domain/id.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { BreakGlassSchema, toBreakGlass } from "./admin/break-glass.schema.ts";
import { listQuery, pageOf, readIdCursor, toPage } from "./list.ts";
import { jsonAnswer } from "./route-parts.ts";

export const breakGlassRoutes = createRouter();

const OwnBreakGlassSchema = BreakGlassSchema.extend({
  readCount: z
    .int()
    .openapi({ description: "What was read stands in `listAuditEvents` as `break_glass.read`." }),
}).openapi("OwnBreakGlassGrant");

const route = createRoute(
  scoped("audit.read", {
    operationId: "listOwnBreakGlassGrants",
    method: "get",
    path: "/v1/break-glass-grants",
    tags: ["Audit"],
    description:
      "When people of the platform asked to read in the shop, and how often they did; newest first.",
    request: { query: z.strictObject(listQuery) },
    responses: {
      200: jsonAnswer("The grants", pageOf(OwnBreakGlassSchema).openapi("OwnBreakGlassGrantPage")),
    },
  }),
);

breakGlassRoutes.openapi(route, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const { limit, cursor } = c.req.valid("query");
  const filter = { shopId, limit: limit + 1, ...readIdCursor<BreakGlassId>(cursor) };
  const { page, reads } = await deps.db.withShop(shopId, async (trx) => {
    const page = toPage(await listBreakGlassOfShop(trx, filter), limit, ({ id }) => id);
    return { page, reads: await countBreakGlassReads(trx, { shopId, ids: page.data.map(({ id }) => id) }) };
  });
  const now = deps.clock.now();
  const data = page.data.map((row) => ({ ...toBreakGlass(row, now), readCount: reads.get(row.id) ?? 0 }));
  return c.json({ ...page, data }, 200);
});
