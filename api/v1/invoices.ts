import { createRoute, z } from "@hono/zod-openapi";

import { findInvoice, listInvoices } from "../../db/invoices.ts";
import type { InvoiceId } from "../../domain/id.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { found, pathId, pathParams } from "./fields.schema.ts";
import { InvoiceDetailSchema, InvoicePageSchema, toInvoice, toInvoiceDetail } from "./invoices.schema.ts";
import { listQuery, readIdCursor, toPage } from "./list.ts";
import { openBillingDetails } from "./open-billing-details.ts";
import { jsonAnswer } from "./route-parts.ts";

export const invoiceRoutes = createRouter();

const listRoute = createRoute(
  scoped("subscription.read", {
    operationId: "listInvoices",
    method: "get",
    path: "/v1/invoices",
    tags: ["Subscription"],
    description: "What the shop has paid the platform for plans and credits, and what was taken back.",
    request: { query: z.strictObject({ ...listQuery }) },
    responses: { 200: jsonAnswer("Invoices and credit notes, newest first", InvoicePageSchema) },
  }),
);

invoiceRoutes.openapi(listRoute, async (c) => {
  const { deps, actor } = c.var;
  const { limit, cursor } = c.req.valid("query");
  const filter = { shopId: actor.shopId, limit: limit + 1, ...readIdCursor<InvoiceId>(cursor) };
  const rows = await deps.db.withShop(actor.shopId, (trx) => listInvoices(trx, filter));
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(toInvoice) }, 200);
});

const getRoute = createRoute(
  scoped("subscription.read", {
    operationId: "getInvoice",
    method: "get",
    path: "/v1/invoices/{invoiceId}",
    tags: ["Subscription"],
    request: { params: pathParams("invoiceId", "inv") },
    responses: { 200: jsonAnswer("The document, whole", InvoiceDetailSchema), ...problems(404) },
  }),
);

invoiceRoutes.openapi(getRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const invoiceId = pathId<InvoiceId>("inv", c.req.param("invoiceId"));
  const row = found(await deps.db.withShop(shopId, (trx) => findInvoice(trx, { shopId, invoiceId })), "inv");
  const { billing_id: id, billing: details } = row;
  const billing = id === null || details === null ? undefined : { id, details };
  return c.json(toInvoiceDetail(row, await openBillingDetails(c, billing)), 200);
});
