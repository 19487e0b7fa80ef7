import { createRoute, z } from "@hono/zod-openapi";

import { platformShopId } from "../../db/accounts.ts";
import type { AuditRow } from "../../db/audit-queries.ts";
import { listAuditOfAccount } from "../../db/system-audit.ts";
import { toTypeId } from "../../domain/id.ts";
import { ofAccount } from "../auth/require-session.ts";
import type { ApiRouter } from "../router.ts";
import { TimeSchema, idText } from "../v1/fields.schema.ts";
import { listQuery, pageOf, readIdCursor, toPage } from "../v1/list.ts";
import { jsonAnswer } from "../v1/route-parts.ts";

const EntrySchema = z
  .object({
    id: z.string(),
    at: TimeSchema,
    action: z.string().openapi({ example: "account.viewed" }),
    by: z.object({
      kind: z.enum(["customer", "owner", "system", "admin"]),
      accountId: idText("acc").nullable().openapi({ description: "Null for API keys and machines." }),
    }),
    shopId: idText("shop")
      .nullable()
      .openapi({ description: "In whose log it stands; null: the platform's." }),
  })
  .openapi("AccessLogEntry");

const route = createRoute(
  ofAccount({
    method: "get",
    path: "/v1/accounts/current/access-log",
    operationId: "listMyAccessLog",
    summary: "Who looked at the account or changed it, newest first",
    tags: ["accounts"],
    request: { query: z.strictObject(listQuery) },
    responses: { 200: jsonAnswer("The entries", pageOf(EntrySchema).openapi("AccessLogPage")) },
  }),
);

export function mountAccessLog(app: ApiRouter): void {
  app.openapi(route, async (c) => {
    const { deps, session } = c.var;
    const { limit, cursor } = c.req.valid("query");
    const { accountId } = session;
    const filter = { accountId, limit: limit + 1, ...readIdCursor<string>(cursor) };
    const page = toPage(await listAuditOfAccount(deps.system, filter), limit, ({ id }) => id);
    return c.json({ ...page, data: page.data.map(toEntry) }, 200);
  });
}

function toEntry(row: AuditRow): z.infer<typeof EntrySchema> {
  return {
    id: row.id,
    at: row.at.toISOString(),
    action: row.action,
    by: { kind: row.actor_kind, accountId: row.actor_id === null ? null : toTypeId("acc", row.actor_id) },
    shopId: row.shop_id === platformShopId ? null : toTypeId("shop", row.shop_id),
  };
}
