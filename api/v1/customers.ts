import { createRoute, z } from "@hono/zod-openapi";

import { listCustomers } from "../../db/customer-queries.ts";
import type { ListedCustomer } from "../../db/customer-queries.ts";
import { toTypeId } from "../../domain/id.ts";
import type { CustomerId } from "../../domain/id.ts";
import type { Actor } from "../auth/actor.ts";
import type { ApiDeps } from "../deps.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { auditViewing } from "./audit.ts";
import { TimeSchema, idText } from "./fields.schema.ts";
import { listQuery, pageOf, readIdCursor, toPage } from "./list.ts";
import { decodeContact } from "./orders.schema.ts";
import { jsonAnswer } from "./route-parts.ts";

export const customerRoutes = createRouter();

const CustomerSchema = z
  .object({
    id: idText("cus"),
    name: z.string().nullable().openapi({ description: "As given with the newest order; never looked up." }),
    phone: z.string().nullable(),
    language: z.enum(["my", "en"]).nullable(),
    orderCount: z.int(),
    createdAt: TimeSchema,
  })
  .openapi("Customer");

const route = createRoute(
  scoped("customers.read", {
    operationId: "listCustomers",
    method: "get",
    path: "/v1/customers",
    tags: ["Customers"],
    description: "With names and phones: reading them is written into the audit log as one viewing.",
    request: { query: z.strictObject(listQuery) },
    responses: {
      200: jsonAnswer("The customers, newest first", pageOf(CustomerSchema).openapi("CustomerPage")),
    },
  }),
);

customerRoutes.openapi(route, async (c) => {
  const { deps, actor } = c.var;
  const { limit, cursor } = c.req.valid("query");
  const filter = { shopId: actor.shopId, limit: limit + 1, ...readIdCursor<CustomerId>(cursor) };
  const rows = await deps.db.withShop(actor.shopId, async (trx) => {
    const rows = await listCustomers(trx, filter);
    await auditViewing(trx, c, {
      action: "customers.viewed",
      ids: rows.slice(0, limit).map(({ id }) => id),
    });
    return rows;
  });
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: await present(deps, actor, page.data) }, 200);
});

async function present({ sealer }: Pick<ApiDeps, "sealer">, actor: Actor, rows: readonly ListedCustomer[]) {
  const sealed = rows.flatMap(({ id, contact, contact_order_id: orderId }) => {
    if (contact === null || orderId === null) return [];
    const subject = { shopId: actor.shopId, subjectId: id, purpose: "order" as const };
    return [{ id, place: { ...subject, field: "order.contact", rowId: orderId }, sealed: contact }];
  });
  const opened = await sealer.open(sealed);
  const contacts = new Map(sealed.map(({ id }, index) => [id, opened[index]]));
  return rows.map((row) => {
    const plaintext = contacts.get(row.id);
    const { name, phone } = plaintext === undefined ? { name: null, phone: null } : decodeContact(plaintext);
    return {
      id: toTypeId("cus", row.id),
      name,
      phone,
      language: row.language,
      orderCount: row.order_count,
      createdAt: row.created_at.toISOString(),
    };
  });
}
