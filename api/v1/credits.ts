import { createRoute, z } from "@hono/zod-openapi";

import { listCreditEntries, listOpenGrants } from "../../db/credit-queries.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import {
  CreditBalanceSchema,
  CreditLinePageSchema,
  toCreditBalance,
  toCreditLine,
} from "./credits.schema.ts";
import { listQuery, readIdCursor, toPage } from "./list.ts";
import { jsonAnswer } from "./route-parts.ts";

export const creditRoutes = createRouter();

const balance = createRoute(
  scoped("credits.read", {
    operationId: "getCreditBalance",
    method: "get",
    path: "/v1/credits",
    tags: ["Credits"],
    description: "What the shop can still spend on the model's answers.",
    responses: { 200: jsonAnswer("The balance, by grant", CreditBalanceSchema) },
  }),
);

creditRoutes.openapi(balance, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const now = deps.clock.now();
  const rows = await deps.db.withShop(shopId, (trx) => listOpenGrants(trx, { shopId, now }));
  return c.json(toCreditBalance(rows, now), 200);
});

const lines = createRoute(
  scoped("credits.read", {
    operationId: "listCreditLines",
    method: "get",
    path: "/v1/credit-lines",
    tags: ["Credits"],
    description: "What was granted, what each answer used and what it cost, and what expired.",
    request: { query: z.strictObject(listQuery) },
    responses: { 200: jsonAnswer("The statement, newest first", CreditLinePageSchema) },
  }),
);

creditRoutes.openapi(lines, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const { limit, cursor } = c.req.valid("query");
  const filter = { shopId, limit: limit + 1, ...readIdCursor<string>(cursor) };
  const rows = await deps.db.withShop(shopId, (trx) => listCreditEntries(trx, filter));
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(toCreditLine) }, 200);
});
