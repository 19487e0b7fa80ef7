import { randomBytes, randomInt } from "node:crypto";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import type { SimContext } from "../sim-context.ts";
import { webhookFields } from "../webhooks/webhook-field.ts";
import type { SimPage } from "../world/world-types.ts";
import { ControlProblem } from "./control-problem.ts";
import { PageBody, PageView } from "./control-schemas.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

const createPageRoute = createRoute({
  method: "post",
  path: "/pages",
  operationId: "createPage",
  summary: "Makes a Page, or changes it: a new access token kills the old one. May make or change its app",
  request: { body: jsonBody(PageBody) },
  responses: { 201: jsonAnswer(PageView, "The Page and its app") },
});

const listPagesRoute = createRoute({
  method: "get",
  path: "/pages",
  operationId: "listPages",
  summary: "All Pages",
  responses: { 200: jsonAnswer(z.array(PageView), "The Pages") },
});

const handshakeRoute = createRoute({
  method: "post",
  path: "/apps/{appId}/handshake",
  operationId: "verifyWebhook",
  summary: "Does Meta's GET handshake with the app's webhook address",
  request: { params: z.object({ appId: z.string() }) },
  responses: {
    200: jsonAnswer(z.object({ status: z.number(), isVerified: z.boolean() }), "What the product answered"),
  },
});

export function addPageRoutes(app: OpenAPIHono, ctx: SimContext): void {
  app.openapi(createPageRoute, (c) => c.json(viewPage(ctx, createPage(ctx, c.req.valid("json"))), 201));
  app.openapi(listPagesRoute, (c) =>
    c.json(
      ctx.world.listPages().map((page) => viewPage(ctx, page)),
      200,
    ),
  );
  app.openapi(handshakeRoute, async (c) => c.json(await doHandshake(ctx, c.req.valid("param").appId), 200));
}

function createPage(ctx: SimContext, wanted: z.infer<typeof PageBody>): SimPage {
  const id = wanted.id ?? `11${randomInt(10 ** 12, 10 ** 13)}`;
  const known = ctx.world.findPage(id);
  const appId = wanted.appId ?? known?.appId ?? ctx.defaultAppId;
  const app = ctx.world.findApp(appId) ?? ctx.world.findApp(ctx.defaultAppId);
  ctx.world.putApp({
    appId,
    appSecret: wanted.appSecret ?? app?.appSecret ?? randomBytes(16).toString("hex"),
    verifyToken: wanted.verifyToken ?? app?.verifyToken ?? randomBytes(12).toString("hex"),
    webhookUrl: wanted.webhookUrl ?? app?.webhookUrl ?? "",
  });
  const page: SimPage = {
    id,
    name: wanted.name ?? known?.name ?? `Page ${id}`,
    accessToken: wanted.accessToken ?? known?.accessToken ?? `EAA${randomBytes(24).toString("base64url")}`,
    appId,
    subscriptions: wanted.isSubscribed ? { ...known?.subscriptions, [appId]: [...webhookFields] } : {},
    messengerProfile: known?.messengerProfile ?? {},
    ...(known?.defaultAppId === undefined ? {} : { defaultAppId: known.defaultAppId }),
  };
  ctx.world.putPage(page);
  return page;
}

function viewPage(ctx: SimContext, page: SimPage): z.infer<typeof PageView> {
  const app = ctx.world.findApp(page.appId);
  return {
    id: page.id,
    name: page.name,
    accessToken: page.accessToken,
    appId: page.appId,
    appSecret: app?.appSecret ?? "",
    verifyToken: app?.verifyToken ?? "",
    webhookUrl: app?.webhookUrl ?? "",
    subscriptions: page.subscriptions,
  };
}

async function doHandshake(ctx: SimContext, appId: string): Promise<{ status: number; isVerified: boolean }> {
  const app = ctx.world.findApp(appId);
  if (!app) throw new ControlProblem(404, "unknown_app", `There is no app ${appId}`);
  const challenge = String(randomInt(10 ** 9, 2 * 10 ** 9));
  const url = new URL(app.webhookUrl);
  url.searchParams.set("hub.mode", "subscribe");
  url.searchParams.set("hub.challenge", challenge);
  url.searchParams.set("hub.verify_token", app.verifyToken);
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
  if (!answer) throw new ControlProblem(502, "no_answer", "The webhook address does not answer");
  const text = await answer.text();
  return { status: answer.status, isVerified: answer.status === 200 && text === challenge };
}
