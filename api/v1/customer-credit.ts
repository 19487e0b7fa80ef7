import { createRoute, z } from "@hono/zod-openapi";

import { listCreditBalances, listCustomerCreditLines } from "../../db/customer-credits.ts";
import { isCustomer } from "../../db/customer-queries.ts";
import { toTypeId } from "../../domain/id.ts";
import type { CustomerId } from "../../domain/id.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { MoneySchema, TimeSchema, idText, notFound, pathId, pathParams } from "./fields.schema.ts";
import { listQuery, pageOf, readIdCursor, toPage } from "./list.ts";
import { jsonAnswer } from "./route-parts.ts";

export const customerCreditRoutes = createRouter();

const LineSchema = z
  .object({
    orderId: idText("ord"),
    kind: z.enum(["kept", "spent", "returned"]).openapi({
      description:
        "`kept`: a surplus; `spent`: taken off an order; `returned`: that order ended without delivery.",
    }),
    amount: MoneySchema.openapi({ description: "What is spent lowers the balance; the others raise it." }),
    recordedAt: TimeSchema,
  })
  .openapi("CustomerCreditLine", { description: "Lines are never changed or removed." });

const CreditSchema = pageOf(LineSchema)
  .extend({ balances: z.array(MoneySchema).openapi({ description: "The sums of all lines." }) })
  .openapi("CustomerCredit");

const route = createRoute(
  scoped("payments.read", {
    operationId: "listCustomerCredit",
    method: "get",
    path: "/v1/customers/{customerId}/credit",
    tags: ["Customers"],
    description: "What the shop keeps for a customer, and how it came and went.",
    request: { params: pathParams("customerId", "cus"), query: z.strictObject({ ...listQuery }) },
    responses: { 200: jsonAnswer("The balance and its lines, newest first", CreditSchema), ...problems(404) },
  }),
);

customerCreditRoutes.openapi(route, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const customerId = pathId<CustomerId>("cus", c.req.valid("param").customerId);
  const { limit, cursor } = c.req.valid("query");
  const filter = { shopId, customerId, limit: limit + 1, ...readIdCursor<string>(cursor) };
  const { balances, rows } = await deps.db.withShop(shopId, async (trx) => {
    if (!(await isCustomer(trx, { shopId, customerId }))) throw notFound("cus");
    const balances = await listCreditBalances(trx, { shopId, customerId });
    return { balances, rows: await listCustomerCreditLines(trx, filter) };
  });
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json(
    {
      ...page,
      data: page.data.map((row) => ({
        orderId: toTypeId("ord", row.order_id),
        kind: row.kind,
        amount: { amountMinor: Math.abs(row.amount_minor), currency: row.currency },
        recordedAt: row.recorded_at.toISOString(),
      })),
      balances: balances.map((row) => ({ amountMinor: row.balance_minor, currency: row.currency })),
    },
    200,
  );
});
