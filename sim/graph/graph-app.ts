import type { Context } from "hono";
import { Hono } from "hono";
import type { SimContext } from "../sim-context.ts";
import type { SimPage } from "../world/world-types.ts";
import { authorisePage } from "./authorise-page.ts";
import { checkAttachment } from "./check-message.ts";
import { debugToken } from "./debug-token.ts";
import { badParameter, GraphError, unknownObject } from "./graph-error.ts";
import { findConversation, listConversations } from "./list-conversations.ts";
import type { GraphRequest } from "./parse-graph-request.ts";
import { asList, asRecord, parseGraphRequest } from "./parse-graph-request.ts";
import { sendMessage } from "./send-message.ts";
import { addPersonRoutes } from "../login/user-tokens.ts";
import { storeMedia } from "./store-media.ts";
import { listSubscribedApps, subscribeApp, unsubscribeApp } from "./subscribed-apps.ts";

/** v20.0 ended on 24 Sep 2026. */
const oldestVersion = 21;

/** Meta's Graph API as far as a Messenger product needs it; mounted at `/:version`. */
export function createGraphApp(ctx: SimContext): Hono {
  const app = new Hono();

  app.use(async (c, next) => {
    const version = Number(/\/v(\d+)\./.exec(c.req.path)?.[1]);
    if (version < oldestVersion) {
      throw new GraphError(
        2635,
        `(#2635) You are calling a deprecated version of the Ads API. Please update to the latest version: v26.0.`,
      );
    }
    await next();
    c.header("x-app-usage", JSON.stringify({ call_count: 1, total_time: 1, total_cputime: 1 }));
    c.header("facebook-api-version", c.req.path.split("/")[1] ?? "");
  });

  const pageRoute =
    (handle: (page: SimPage, request: GraphRequest) => unknown) =>
    async (c: Context): Promise<Response> => {
      const request = await parseGraphRequest(c);
      const page = authorisePage(ctx, request, c.req.param("id") ?? "me");
      return c.json((await handle(page, request)) as object);
    };

  addPersonRoutes(app, ctx);
  app.get("/debug_token", async (c) => c.json(debugToken(ctx, await parseGraphRequest(c))));
  app.post(
    "/:id/messages",
    pageRoute((page, request) => sendMessage(ctx, page, request)),
  );
  app.post(
    "/:id/message_attachments",
    pageRoute((page, request) => uploadAttachment(ctx, page, request)),
  );
  app.get(
    "/:id/subscribed_apps",
    pageRoute((page) => listSubscribedApps(ctx, page)),
  );
  app.post(
    "/:id/subscribed_apps",
    pageRoute((page, { params }) => subscribeApp(ctx, page, params["subscribed_fields"])),
  );
  app.delete(
    "/:id/subscribed_apps",
    pageRoute((page) => unsubscribeApp(ctx, page)),
  );
  app.get(
    "/:id/conversations",
    pageRoute((page, { params }) => listConversations(ctx, page, params)),
  );
  app.get(
    "/:id/thread_owner",
    pageRoute((page) => viewThreadOwner(page)),
  );
  app.get(
    "/:id/messenger_profile",
    pageRoute((page) => ({ data: [page.messengerProfile] })),
  );
  app.post(
    "/:id/messenger_profile",
    pageRoute((page, request) => setProfile(ctx, page, request)),
  );
  app.delete(
    "/:id/messenger_profile",
    pageRoute((page, request) => dropProfile(ctx, page, request)),
  );
  app.get("/:id", async (c) => {
    const request = await parseGraphRequest(c);
    const id = c.req.param("id");
    const isThread = id.startsWith("t_");
    const page = authorisePage(ctx, request, isThread ? "me" : id);
    const found = isThread ? findConversation(ctx, page, id, request.params) : viewPage(page, request.params);
    if (!found) throw unknownObject(id);
    return c.json(found);
  });

  app.notFound((c) => c.json(unknownObject(c.req.path).body, 400));
  app.onError((err, c) => {
    if (err instanceof GraphError) return c.json(err.body, err.status);
    const unknown = new GraphError(1, "An unknown error occurred", { status: 500, isTransient: true });
    return c.json(unknown.body, 500);
  });
  return app;
}

async function uploadAttachment(ctx: SimContext, _page: SimPage, request: GraphRequest) {
  const attachment = checkAttachment(asRecord(request.params["message"])?.["attachment"]);
  if (attachment?.kind !== "media")
    throw badParameter("Param message[attachment] must be a media attachment");
  const object = await storeMedia(ctx, attachment, request.file);
  return { attachment_id: object.id };
}

function viewThreadOwner({ appId, defaultAppId = appId }: SimPage) {
  return { data: defaultAppId === null ? [{}] : [{ thread_owner: { app_id: defaultAppId } }] };
}

function viewPage(page: SimPage, params: Record<string, unknown>): Record<string, unknown> {
  const wanted = asList(params["fields"] ?? "id,name");
  const all: Record<string, unknown> = {
    name: page.name,
    access_token: page.accessToken,
    tasks: ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"],
  };
  return {
    ...Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes(name))),
    id: page.id,
  };
}

function setProfile(ctx: SimContext, page: SimPage, request: GraphRequest): { result: "success" } {
  const { access_token: _token, appsecret_proof: _proof, ...profile } = request.params;
  ctx.world.putPage({ ...page, messengerProfile: { ...page.messengerProfile, ...profile } });
  return { result: "success" };
}

function dropProfile(ctx: SimContext, page: SimPage, request: GraphRequest): { result: "success" } {
  const gone = asList(request.params["fields"]);
  const kept = Object.entries(page.messengerProfile).filter(([name]) => !gone.includes(name));
  ctx.world.putPage({ ...page, messengerProfile: Object.fromEntries(kept) });
  return { result: "success" };
}
