import { randomInt } from "node:crypto";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import { FaultSpec } from "../faults.ts";
import type { SimContext } from "../sim-context.ts";
import type { Slip } from "../slips/draw-slip.ts";
import { drawSlip, maxCodeBytes, slipCode } from "../slips/draw-slip.ts";
import { encodeWebhook, signWebhook } from "../webhooks/encode-webhook.ts";
import { postWebhook } from "../webhooks/post-webhook.ts";
import { ControlProblem } from "./control-problem.ts";
import { SlipBody, WebhookBody } from "./control-schemas.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

const ArmedFault = FaultSpec.and(z.object({ id: z.string() })).openapi("ArmedFault");
const CallTargets = z.enum(["graph", "model", "push", "mail", "cdn", "payments"]);

const Call = z
  .object({
    seq: z.number(),
    at: z.string(),
    to: CallTargets,
    method: z.string(),
    path: z.string(),
    query: z.record(z.string(), z.string()),
    headers: z.record(z.string(), z.string()),
    body: z.unknown(),
    status: z.number().nullable(),
    outcome: z.enum(["pending", "answered", "fault", "dropped", "hung"]),
  })
  .openapi("Call");

const listCallsRoute = createRoute({
  method: "get",
  path: "/calls",
  operationId: "listCalls",
  summary: "All that the product sent, oldest first; tokens and inline pictures are shortened",
  request: {
    query: z.object({
      to: CallTargets.optional(),
      since: z.coerce.number().int().optional().openapi({ description: "Only calls with a greater seq" }),
      limit: z.coerce.number().int().min(1).optional().openapi({ description: "Only the newest so many" }),
    }),
  },
  responses: { 200: jsonAnswer(z.array(Call), "The calls") },
});

const Letter = z
  .object({
    messageId: z.string(),
    at: z.string(),
    from: z.string(),
    to: z.string(),
    subject: z.string(),
    text: z.string(),
  })
  .openapi("Letter");

const listMailsRoute = createRoute({
  method: "get",
  path: "/mails",
  operationId: "listMails",
  summary: "Mails that arrived, oldest first; one that was sent twice stands here twice, with one messageId",
  request: { query: z.object({ to: z.string().optional() }) },
  responses: { 200: jsonAnswer(z.array(Letter), "The mails") },
});

const armRoute = createRoute({
  method: "post",
  path: "/faults",
  operationId: "armFault",
  summary: "The next calls that fit go wrong in this way",
  request: { body: jsonBody(FaultSpec) },
  responses: { 201: jsonAnswer(ArmedFault, "Armed") },
});

const listFaultsRoute = createRoute({
  method: "get",
  path: "/faults",
  operationId: "listFaults",
  summary: "Faults that are still armed, with the times left",
  responses: { 200: jsonAnswer(z.array(ArmedFault), "The faults") },
});

const disarmRoute = createRoute({
  method: "delete",
  path: "/faults",
  operationId: "disarmFaults",
  summary: "Disarms all faults and ends calls that hang",
  responses: { 204: { description: "Disarmed" } },
});

const slipRoute = createRoute({
  method: "post",
  path: "/slips",
  operationId: "createSlip",
  summary: "Draws the slip of a transfer",
  request: { body: jsonBody(SlipBody) },
  responses: {
    200: {
      description: "The picture",
      content: { "image/png": { schema: z.string().openapi({ format: "binary" }) } },
    },
  },
});

const postWebhookRoute = createRoute({
  method: "post",
  path: "/webhooks",
  operationId: "postWebhook",
  summary: "Sends one webhook body at once, signed, without retry, and tells what the product answered",
  request: { body: jsonBody(WebhookBody) },
  responses: { 200: jsonAnswer(z.object({ status: z.number().nullable() }), "The answer; null: none came") },
});

const WebhookDelivery = z
  .object({
    id: z.string(),
    appId: z.string(),
    pageId: z.string(),
    psid: z.string(),
    item: z.record(z.string(), z.unknown()),
    state: z.enum(["pending", "delivered", "lost", "given_up"]),
    attempts: z.number(),
    lastStatus: z.number().nullable(),
  })
  .openapi("WebhookDelivery");

const listWebhooksRoute = createRoute({
  method: "get",
  path: "/webhooks",
  operationId: "listWebhooks",
  summary: "Webhooks of this process with their state, oldest first",
  request: { query: z.object({ state: WebhookDelivery.shape.state.optional() }) },
  responses: { 200: jsonAnswer(z.array(WebhookDelivery), "The webhooks") },
});

const deviceRoute = createRoute({
  method: "put",
  path: "/push/devices/{token}",
  operationId: "setDeviceState",
  summary: "A device that has removed the app answers UNREGISTERED",
  request: {
    params: z.object({ token: z.string() }),
    body: jsonBody(z.object({ state: z.enum(["alive", "dead"]) })),
  },
  responses: { 204: { description: "Set" } },
});

const pushAccountRoute = createRoute({
  method: "put",
  path: "/push/account",
  operationId: "setPushAccount",
  summary: "The service account whose assertions are accepted",
  request: {
    body: jsonBody(z.object({ projectId: z.string(), clientEmail: z.string(), publicKey: z.string() })),
  },
  responses: { 204: { description: "Set" } },
});

/** Log, faults, slips, raw webhooks and devices. */
export function addOutsideRoutes(app: OpenAPIHono, ctx: SimContext): void {
  app.openapi(listCallsRoute, (c) => {
    const { to, since, limit } = c.req.valid("query");
    const filter = { ...(to && { to }), ...(since !== undefined && { since }), ...(limit && { limit }) };
    return c.json(ctx.log.list(filter), 200);
  });
  app.openapi(listMailsRoute, (c) => c.json(ctx.letters.list(c.req.valid("query").to), 200));
  app.openapi(armRoute, (c) => c.json(ctx.faults.arm(c.req.valid("json")), 201));
  app.openapi(listFaultsRoute, (c) => c.json(ctx.faults.list(), 200));
  app.openapi(disarmRoute, (c) => {
    ctx.faults.disarm();
    return c.body(null, 204);
  });
  app.openapi(slipRoute, async (c) => {
    const { blurred, ...wanted } = c.req.valid("json");
    const slip: Slip = {
      ...wanted,
      reference: wanted.reference ?? String(randomInt(10 ** 11, 10 ** 12)),
      paidAt: wanted.paidAt ?? new Date(ctx.now()).toISOString(),
    };
    if (Buffer.byteLength(slipCode(slip)) > maxCodeBytes) {
      throw new ControlProblem(
        422,
        "slip_too_long",
        `Reference and payee must fit into ${maxCodeBytes} bytes`,
      );
    }
    const png = await drawSlip(slip, { isBlurred: blurred });
    return c.body(new Uint8Array(png), 200, { "content-type": "image/png" });
  });
  app.openapi(postWebhookRoute, async (c) =>
    c.json({ status: await sendRaw(ctx, c.req.valid("json")) }, 200),
  );
  app.openapi(listWebhooksRoute, (c) => {
    const { state } = c.req.valid("query");
    return c.json(
      ctx.webhooks.list().filter((one) => !state || one.state === state),
      200,
    );
  });
  app.openapi(deviceRoute, (c) => {
    ctx.world.markDevice(c.req.valid("param").token, c.req.valid("json").state === "dead");
    return c.body(null, 204);
  });
  app.openapi(pushAccountRoute, (c) => {
    ctx.push.account = c.req.valid("json");
    return c.body(null, 204);
  });
}

async function sendRaw(ctx: SimContext, wanted: z.infer<typeof WebhookBody>): Promise<number | null> {
  const appId = wanted.appId ?? ctx.defaultAppId;
  const app = ctx.world.findApp(appId);
  if (!app) throw new ControlProblem(404, "unknown_app", `There is no app ${appId}`);
  const body = wanted.rawBody ?? encodeWebhook(wanted.body ?? {});
  const signature = wanted.signature === undefined ? signWebhook(body, app.appSecret) : wanted.signature;
  return postWebhook({ url: app.webhookUrl, body, signature, timeoutMs: 30_000 });
}
