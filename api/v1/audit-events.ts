import { createRoute, z } from "@hono/zod-openapi";

import { listAuditEvents } from "../../db/audit-queries.ts";
import type { AuditRow } from "../../db/audit-queries.ts";
import { toTypeId } from "../../domain/id.ts";
import type { CustomerId, IdPrefix } from "../../domain/id.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { TimeSchema, idField, idText } from "./fields.schema.ts";
import { given } from "./given.ts";
import { listQuery, pageOf, readIdCursor, toPage } from "./list.ts";
import { jsonAnswer } from "./route-parts.ts";

export const auditEventRoutes = createRouter();

const AuditEventSchema = z
  .object({
    id: z.string(),
    at: TimeSchema,
    actor: z.object({
      kind: z.enum(["customer", "owner", "system", "admin"]),
      accountId: idText("acc").nullable().openapi({ description: "Null for API keys and machines." }),
    }),
    action: z.string().openapi({ example: "order.viewed" }),
    customerId: idText("cus").nullable().openapi({ description: "Whose personal data it was." }),
    resourceId: z.string().nullable(),
    data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .openapi("AuditEvent");

const route = createRoute(
  scoped("audit.read", {
    operationId: "listAuditEvents",
    method: "get",
    path: "/v1/audit-events",
    tags: ["Audit"],
    request: {
      query: z.strictObject({
        ...listQuery,
        action: z
          .string()
          .regex(/^[A-Za-z_.]{1,100}$/)
          .optional(),
        customerId: idField<CustomerId>("cus").optional(),
      }),
    },
    responses: {
      200: jsonAnswer(
        "What was done and read, newest first",
        pageOf(AuditEventSchema).openapi("AuditEventPage"),
      ),
    },
  }),
);

auditEventRoutes.openapi(route, async (c) => {
  const { deps, actor } = c.var;
  const { limit, cursor, action, customerId } = c.req.valid("query");
  const filter = {
    shopId: actor.shopId,
    limit: limit + 1,
    ...readIdCursor<string>(cursor),
    ...given({ action, subjectId: customerId }),
  };
  const rows = await deps.db.withShop(actor.shopId, (trx) => listAuditEvents(trx, filter));
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(toAuditEvent) }, 200);
});

/** The noun of an action says what kind of id its resource has. */
const prefixOf: Record<string, IdPrefix> = {
  shop: "shop",
  product: "prd",
  stock: "var",
  payment_method: "pm",
  conversation: "cus",
  message: "msg",
  order: "ord",
  evidence: "evd",
  picture: "obj",
  notice: "ntc",
  page: "page",
  member: "acc",
  break_glass: "bgg",
  disclosure: "dsc",
  access_review: "arv",
};

function toAuditEvent(row: AuditRow): z.infer<typeof AuditEventSchema> {
  const prefix = prefixOf[row.action.split(".")[0] ?? ""];
  const id = row.resource_id;
  const isCustomer =
    row.subject_id !== null && row.subject_id !== (row.shop_id as string) && prefix !== "acc";
  return {
    id: row.id,
    at: row.at.toISOString(),
    actor: {
      kind: row.actor_kind,
      accountId: row.actor_id === null ? null : toTypeId("acc", row.actor_id),
    },
    action: row.action,
    customerId: isCustomer && row.subject_id !== null ? toTypeId("cus", row.subject_id) : null,
    resourceId: id !== null && prefix !== undefined ? toTypeId(prefix, id) : id,
    data: row.data,
  };
}
