import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";

import { findPage, listPages } from "../../db/pages.ts";
import type { PageRow } from "../../db/pages.ts";
import type { PageId } from "../../domain/id.ts";
import type { ApiEnv } from "../env.ts";
import { disconnectPage } from "../pages/disconnect-page.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import { found, pathId, pathParams } from "./fields.schema.ts";
import { PageSchema, PagesSchema, toPageView } from "./pages.schema.ts";
import { jsonAnswer } from "./route-parts.ts";

export const pageRoutes = createRouter();

const listRoute = createRoute(
  scoped("shop.read", {
    operationId: "listPages",
    method: "get",
    path: "/v1/pages",
    tags: ["Pages"],
    responses: { 200: jsonAnswer("The shop's Pages, oldest first, with how each is", PagesSchema) },
  }),
);

pageRoutes.openapi(listRoute, async (c) => {
  const { deps, actor } = c.var;
  const rows = await deps.db.withShop(actor.shopId, (trx) => listPages(trx, actor.shopId));
  const now = deps.clock.now();
  return c.json({ data: rows.map((row) => toPageView(row, now)) }, 200);
});

const getRoute = createRoute(
  scoped("shop.read", {
    operationId: "getPage",
    method: "get",
    path: "/v1/pages/{pageId}",
    tags: ["Pages"],
    request: { params: pathParams("pageId", "page") },
    responses: { 200: jsonAnswer("The Page", PageSchema), ...problems(404) },
  }),
);

pageRoutes.openapi(getRoute, async (c) => {
  const row = await readPage(c, c.req.valid("param"));
  return c.json(toPageView(row, c.var.deps.clock.now()), 200);
});

const checkRoute = createRoute(
  scoped("shop.write", {
    operationId: "checkPage",
    method: "post",
    path: "/v1/pages/{pageId}/check",
    tags: ["Pages"],
    description:
      "Token, subscription and routing are looked at within seconds, as they are every hour; `checkedAt` moves unless " +
      "the Page stays broken.",
    request: { params: pathParams("pageId", "page") },
    responses: { 202: jsonAnswer("The Page as it is until then", PageSchema), ...problems(404, 503) },
  }),
);

pageRoutes.openapi(checkRoute, async (c) => {
  const { deps } = c.var;
  const row = await readPage(c, c.req.valid("param"));
  if (row.state !== "disconnected") {
    await deps.processes.tendPage({ shopId: row.shop_id, pageId: row.id });
  }
  return c.json(toPageView(row, deps.clock.now()), 202);
});

const disconnectRoute = createRoute(
  scoped("shop.write", {
    operationId: "disconnectPage",
    method: "post",
    path: "/v1/pages/{pageId}/disconnect",
    tags: ["Pages"],
    description:
      "Nothing is sent or taken in through the Page any more, and its token is destroyed. Its history stays, and " +
      "what waits to be sent waits until the Page is connected again.",
    request: { params: pathParams("pageId", "page") },
    responses: { 200: jsonAnswer("The Page as it is now", PageSchema), ...problems(404) },
  }),
);

pageRoutes.openapi(disconnectRoute, async (c) => {
  const { deps } = c.var;
  const row = await readPage(c, c.req.valid("param"));
  const ended = await disconnectPage(deps, row, (trx) =>
    audit(trx, c, { action: "page.disconnected", resourceId: row.id }),
  );
  return c.json(toPageView(found(ended, "page"), deps.clock.now()), 200);
});

async function readPage(c: Context<ApiEnv>, { pageId: text }: { pageId: string }): Promise<PageRow> {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const pageId = pathId<PageId>("page", text);
  return found(await deps.db.withShop(shopId, (trx) => findPage(trx, { shopId, pageId })), "page");
}
