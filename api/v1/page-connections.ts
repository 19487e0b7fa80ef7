import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";

import { findPageConnection, insertPageConnection } from "../../db/page-connections.ts";
import type { PageConnectionRow } from "../../db/page-connections.ts";
import { findPageByMetaId } from "../../db/pages.ts";
import { hasAttested } from "../../db/shop-attestations.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { PageConnectionId } from "../../domain/id.ts";
import type { Actor } from "../auth/actor.ts";
import type { ApiEnv } from "../env.ts";
import { connectPage } from "../pages/connect-page.ts";
import { newState, openFoundPages, redirectUriOf, stateEndMs, takeLogin } from "../pages/page-login.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import { found, pathId, pathParams } from "./fields.schema.ts";
import {
  CompleteConnectionBody,
  ConnectPageBody,
  PageConnectionSchema,
  StartedConnectionSchema,
  toConnection,
} from "./page-connections.schema.ts";
import { PageSchema, toPageView } from "./pages.schema.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const pageConnectionRoutes = createRouter();

const startRoute = createRoute(
  scoped("shop.write", {
    operationId: "startPageConnection",
    method: "post",
    path: "/v1/page-connections",
    tags: ["Pages"],
    description:
      "For a person's session: an API key has no browser in which somebody could sign in at Facebook.",
    responses: { 201: jsonAnswer("The connection, and where to go", StartedConnectionSchema) },
  }),
);

pageConnectionRoutes.openapi(startRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const sessionId = sessionOf(actor);
  const id = newId<PageConnectionId>();
  const { state, stateHash } = newState();
  const now = deps.clock.now();
  const stateEndsAt = new Date(now.getTime() + stateEndMs);
  const connection = { shopId, id, sessionId, stateHash, now, stateEndsAt, endsAt: stateEndsAt };
  const row = await deps.db.withShop(shopId, async (trx) => {
    await insertPageConnection(trx, connection);
    await audit(trx, c, { action: "page_connection.started", resourceId: id });
    return found(await findPageConnection(trx, { shopId, id, sessionId, now }), "pgc");
  });
  const redirectUri = redirectUriOf(deps.settings);
  const authoriseUrl = deps.metaLogin.authoriseUrl({ state, redirectUri });
  return c.json({ ...toConnection(row, undefined), authoriseUrl }, 201);
});

const completeRoute = createRoute(
  scoped("shop.write", {
    operationId: "completePageConnection",
    method: "post",
    path: "/v1/page-connections/complete",
    tags: ["Pages"],
    description:
      "What Facebook sent the browser back with. The state is worth something once, for ten minutes, to the session " +
      "and the shop that it was made for.",
    request: { body: jsonBody(CompleteConnectionBody) },
    responses: {
      200: jsonAnswer("The connection: with Pages to choose from, or with its problem", PageConnectionSchema),
      ...problems(404),
    },
  }),
);

pageConnectionRoutes.openapi(completeRoute, async (c) => {
  const { deps, actor } = c.var;
  const { state, code } = c.req.valid("json");
  const session = { shopId: actor.shopId, sessionId: sessionOf(actor) };
  const id = found(await takeLogin(deps, session, { state, code }), "pgc");
  return c.json(await present(c, await readConnection(c, id)), 200);
});

const getRoute = createRoute(
  scoped("shop.write", {
    operationId: "getPageConnection",
    method: "get",
    path: "/v1/page-connections/{connectionId}",
    tags: ["Pages"],
    request: { params: pathParams("connectionId", "pgc") },
    responses: { 200: jsonAnswer("The connection", PageConnectionSchema), ...problems(404) },
  }),
);

pageConnectionRoutes.openapi(getRoute, async (c) => {
  const id = pathId<PageConnectionId>("pgc", c.req.valid("param").connectionId);
  return c.json(await present(c, await readConnection(c, id)), 200);
});

const connectRoute = createRoute(
  scoped("shop.write", {
    operationId: "connectPage",
    method: "post",
    path: "/v1/page-connections/{connectionId}/pages",
    tags: ["Pages"],
    description:
      "Connects one of the Pages that were found, or connects it again with its history. Several may be chosen, one " +
      "after the other. The first time demands the owner's statements about the shop (409 `attestation.missing`).",
    request: { params: pathParams("connectionId", "pgc"), body: jsonBody(ConnectPageBody) },
    responses: { 200: jsonAnswer("The Page, connected", PageSchema), ...problems(404, 409, 503) },
  }),
);

pageConnectionRoutes.openapi(connectRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const id = pathId<PageConnectionId>("pgc", c.req.valid("param").connectionId);
  const { metaPageId } = c.req.valid("json");
  const connection = await readConnection(c, id);
  const pages = await openFoundPages(deps, connection);
  const granted = found(
    pages.find((page) => page.metaPageId === metaPageId),
    "pgc",
  );
  await demandAttested(c, metaPageId);
  const page = await connectPage(deps, {
    shopId,
    metaPageId,
    token: granted.token,
    personIndex: connection.person_index,
    onConnected: (trx, { id }) => audit(trx, c, { action: "page.connected", resourceId: id }),
  });
  // What it missed is read back, and what waited goes out; while Temporal is away, within the hour.
  await deps.processes.tendPage({ shopId, pageId: page.id }).catch(() => undefined);
  return c.json(toPageView(page, deps.clock.now()), 200);
});

/** No Page goes live before an owner has stated the lawful basis. One that the shop had before may always come back. */
async function demandAttested(c: Context<ApiEnv>, metaPageId: string): Promise<void> {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const mayGoLive = await deps.db.withShop(
    shopId,
    async (trx) =>
      (await findPageByMetaId(trx, { shopId, metaPageId })) !== undefined || hasAttested(trx, { shopId }),
  );
  if (mayGoLive) return;
  throw new AppError("conflict", "attestation.missing", {
    internal: "the shop has no attestations",
    public: "An owner must first confirm the statements about the shop (attestShop).",
  });
}

function sessionOf({ sessionId }: Actor): string {
  if (sessionId !== null) return sessionId;
  throw new AppError("forbidden", "session.required", {
    internal: "an API key cannot sign in at Facebook",
    public: "Pages are connected by a person who is signed in.",
  });
}

async function readConnection(c: Context<ApiEnv>, id: PageConnectionId): Promise<PageConnectionRow> {
  const { deps, actor } = c.var;
  const ref = { shopId: actor.shopId, id, sessionId: sessionOf(actor), now: deps.clock.now() };
  return found(await deps.db.withShop(ref.shopId, (trx) => findPageConnection(trx, ref)), "pgc");
}

async function present(c: Context<ApiEnv>, row: PageConnectionRow) {
  return toConnection(row, await openFoundPages(c.var.deps, row));
}
