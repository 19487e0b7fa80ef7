import { createHmac, randomBytes, randomInt } from "node:crypto";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import type { SimContext } from "../sim-context.ts";
import type { SimPage } from "../world/world-types.ts";
import { ControlProblem } from "./control-problem.ts";
import { PageIdParam } from "./control-schemas.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

const Account = z
  .object({
    id: z.string(),
    name: z.string(),
    pageIds: z.array(z.string()).nullable().openapi({ description: "null: every Page" }),
  })
  .openapi("Account");
const NewAccount = Account.partial().openapi("NewAccount");
const AccountParam = z.object({ accountId: z.string() });
const Done = z.object({ done: z.literal(true) });
const done = { done: true } as const;

const createAccountRoute = createRoute({
  method: "post",
  path: "/accounts",
  operationId: "createAccount",
  summary: "A person who signs in at the login dialog, and the Pages that they manage",
  request: { body: jsonBody(NewAccount) },
  responses: { 201: jsonAnswer(Account, "The account; its id is what the app sees") },
});

const deauthoriseRoute = createRoute({
  method: "post",
  path: "/accounts/{accountId}/deauthorize",
  operationId: "deauthorizeApp",
  summary: "The person removes the app: their tokens die, and the app is told by a signed request",
  request: { params: AccountParam },
  responses: { 200: jsonAnswer(z.object({ status: z.number().nullable() }), "What the product answered") },
});

const deleteDataRoute = createRoute({
  method: "post",
  path: "/accounts/{accountId}/delete-data",
  operationId: "requestDataDeletion",
  summary:
    "The person asks that the app deletes what their login gave it; the app is told by a signed request",
  request: { params: AccountParam },
  responses: {
    200: jsonAnswer(
      z.object({
        status: z.number().nullable(),
        url: z.string().nullable(),
        confirmationCode: z.string().nullable(),
      }),
      "What the product answered, as the person is shown it",
    ),
  },
});

const revokeRoute = createRoute({
  method: "post",
  path: "/pages/{pageId}/revoke-token",
  operationId: "revokePageToken",
  summary: "The Page's token dies, as when its owner changes the password; a new login gives another",
  request: { params: PageIdParam },
  responses: { 200: jsonAnswer(Done, "Done") },
});

const dropRoute = createRoute({
  method: "post",
  path: "/pages/{pageId}/drop-subscription",
  operationId: "dropSubscription",
  summary: "Meta unsubscribes the Page's app, without a word",
  request: { params: PageIdParam },
  responses: { 200: jsonAnswer(Done, "Done") },
});

const DefaultApp = z.object({
  appId: z.string().nullable().openapi({ description: "null: no default app" }),
});
const defaultAppRoute = createRoute({
  method: "put",
  path: "/pages/{pageId}/default-app",
  operationId: "setDefaultApp",
  summary: "Conversation Routing: whose app customers' threads go to; others get copies on standby",
  request: { params: PageIdParam, body: jsonBody(DefaultApp) },
  responses: { 200: jsonAnswer(Done, "Done") },
});

export function addAccountRoutes(app: OpenAPIHono, ctx: SimContext): void {
  app.openapi(createAccountRoute, (c) => {
    const {
      id = `30${randomInt(10 ** 12, 10 ** 13)}`,
      name = "Somebody",
      pageIds = null,
    } = c.req.valid("json");
    const account = { id, name, pageIds };
    ctx.world.putAccount(account);
    return c.json(account, 201);
  });
  app.openapi(deauthoriseRoute, async (c) => {
    const status = await deauthorise(ctx, c.req.valid("param").accountId);
    return c.json({ status }, 200);
  });
  app.openapi(deleteDataRoute, async (c) => {
    const answer = await postSigned(ctx, c.req.valid("param").accountId, "data-deletion");
    const said = (await answer?.json().catch(() => null)) as DeletionAnswer | null;
    const { url = null, confirmation_code: confirmationCode = null } = said ?? {};
    return c.json({ status: answer?.status ?? null, url, confirmationCode }, 200);
  });
  app.openapi(revokeRoute, (c) => {
    const page = pageOf(ctx, c.req.valid("param").pageId);
    ctx.world.putPage({ ...page, accessToken: newPageToken() });
    return c.json(done, 200);
  });
  app.openapi(dropRoute, (c) => {
    const page = pageOf(ctx, c.req.valid("param").pageId);
    const { [page.appId]: _gone, ...subscriptions } = page.subscriptions;
    ctx.world.putPage({ ...page, subscriptions });
    return c.json(done, 200);
  });
  app.openapi(defaultAppRoute, (c) => {
    const page = pageOf(ctx, c.req.valid("param").pageId);
    ctx.world.putPage({ ...page, defaultAppId: c.req.valid("json").appId });
    return c.json(done, 200);
  });
}

function newPageToken(): string {
  return `EAA${randomBytes(24).toString("base64url")}`;
}

function pageOf(ctx: SimContext, pageId: string): SimPage {
  const page = ctx.world.findPage(pageId);
  if (!page) throw new ControlProblem(404, "unknown_page", `There is no Page ${pageId}`);
  return page;
}

async function deauthorise(ctx: SimContext, accountId: string): Promise<number | null> {
  const logins = ctx.world.listLogins().filter((login) => login.accountId === accountId);
  for (const { token, pageIds } of logins) {
    ctx.world.removeLogin(token);
    for (const pageId of pageIds) {
      const page = ctx.world.findPage(pageId);
      if (page) ctx.world.putPage({ ...page, accessToken: newPageToken() });
    }
  }
  return (await postSigned(ctx, accountId, "deauthorize"))?.status ?? null;
}

type DeletionAnswer = { url?: string; confirmation_code?: string };

/** Beside the webhook's address, where an app's settings name it. */
async function postSigned(
  ctx: SimContext,
  accountId: string,
  callback: "deauthorize" | "data-deletion",
): Promise<Response | null> {
  const app = ctx.world.findApp(ctx.defaultAppId);
  if (!app) return null;
  const issuedAt = Math.floor(ctx.now() / 1_000);
  const body = JSON.stringify({ algorithm: "HMAC-SHA256", issued_at: issuedAt, user_id: accountId });
  const payload = Buffer.from(body).toString("base64url");
  const signature = createHmac("sha256", app.appSecret).update(payload).digest("base64url");
  return fetch(`${app.webhookUrl}/${callback}`, {
    method: "POST",
    body: new URLSearchParams({ signed_request: `${signature}.${payload}` }),
    signal: AbortSignal.timeout(5_000),
  }).catch(() => null);
}
