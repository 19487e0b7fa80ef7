import { randomUUID } from "node:crypto";
import type { Context } from "hono";
import { Hono } from "hono";
import type { SimContext } from "../sim-context.ts";
import { verifyAssertion } from "./verify-assertion.ts";

const tokenLifetimeSeconds = 3_600;
const maxMessageBytes = 4_096;
const fcmError = "type.googleapis.com/google.firebase.fcm.v1.FcmError";

type Refusal = { status: 400 | 401 | 404; name: string; message: string; errorCode?: string };

/** FCM HTTP v1: `POST /token` (OAuth 2 JWT bearer) and `POST /v1/projects/{id}/messages:send`. */
export function createPushApp(ctx: SimContext): Hono {
  const app = new Hono();
  const bearers = new Map<string, number>();

  app.post("/token", async (c) => {
    const form = new URLSearchParams(await c.req.text());
    if (form.get("grant_type") !== "urn:ietf:params:oauth:grant-type:jwt-bearer") {
      return c.json({ error: "unsupported_grant_type", error_description: "Invalid grant_type" }, 400);
    }
    const problem = verifyAssertion(form.get("assertion") ?? "", ctx.push.account, ctx.now());
    if (problem !== null) return c.json({ error: "invalid_grant", error_description: problem }, 400);
    const bearer = `ya29.${randomUUID()}`;
    bearers.set(bearer, ctx.now() + tokenLifetimeSeconds * 1000);
    return c.json({ access_token: bearer, expires_in: tokenLifetimeSeconds, token_type: "Bearer" });
  });

  app.post("/v1/projects/:projectId/:action{messages:send}", async (c) => {
    const bearer = /^Bearer (.+)$/.exec(c.req.header("authorization") ?? "")?.[1] ?? "";
    if ((bearers.get(bearer) ?? 0) <= ctx.now()) {
      const message = "Request had invalid authentication credentials.";
      return refuse(c, { status: 401, name: "UNAUTHENTICATED", message });
    }
    const projectId = c.req.param("projectId");
    if (projectId !== ctx.push.account?.projectId) {
      return refuse(c, { status: 404, name: "NOT_FOUND", message: "Requested entity was not found." });
    }
    const body = await c.req.text();
    const problem = checkPush(body);
    if (problem !== null) {
      return refuse(c, {
        status: 400,
        name: "INVALID_ARGUMENT",
        message: problem,
        errorCode: "INVALID_ARGUMENT",
      });
    }
    const token = String((JSON.parse(body) as { message: { token: unknown } }).message.token);
    if (ctx.world.isDeadDevice(token)) {
      const message = "Requested entity was not found.";
      return refuse(c, { status: 404, name: "NOT_FOUND", message, errorCode: "UNREGISTERED" });
    }
    return c.json({ name: `projects/${projectId}/messages/0:${Date.now()}%${randomUUID().slice(0, 8)}` });
  });
  return app;
}

function refuse(c: Context, { status, name, message, errorCode }: Refusal): Response {
  const details = errorCode === undefined ? {} : { details: [{ "@type": fcmError, errorCode }] };
  return c.json({ error: { code: status, message, status: name, ...details } }, status);
}

/** What is wrong with the request, in FCM's words; null if nothing is. */
function checkPush(body: string): string | null {
  if (Buffer.byteLength(body) > maxMessageBytes + 512) return "Android message is too big";
  let message: unknown;
  try {
    message = (JSON.parse(body) as { message?: unknown }).message;
  } catch {
    return "Invalid JSON payload received.";
  }
  if (typeof message !== "object" || message === null) return "Invalid JSON payload received. Unknown name";
  const { token, data } = message as { token?: unknown; data?: unknown };
  if (typeof token !== "string" || token === "")
    return "The registration token is not a valid FCM registration token";
  const values = typeof data === "object" && data !== null ? Object.values(data) : [];
  return values.every((value) => typeof value === "string")
    ? null
    : "Invalid value at 'message.data' (TYPE_STRING)";
}
