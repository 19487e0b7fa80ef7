import { setTimeout as sleep } from "node:timers/promises";
import type { Context, MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { dropConnection } from "./drop-connection.ts";
import type { Fault } from "./faults.ts";
import { readCallBody } from "./read-call-body.ts";
import type { SimContext } from "./sim-context.ts";
import type { CallTarget } from "./sim-log.ts";

/** Stands before a simulated service: writes each call into the log and applies the armed faults. */
export function callGate(ctx: SimContext, to: CallTarget): MiddlewareHandler {
  return async (c, next) => {
    const body = await readCallBody(c);
    const url = new URL(c.req.url);
    const call = ctx.log.record({
      to,
      method: c.req.method,
      path: url.pathname,
      query: hideTokens(c.req.query()),
      headers: hideTokens(c.req.header()),
      body: body.shown,
    });
    const fault = ctx.faults.take(to, `${c.req.method} ${url.pathname}${url.search}\n${body.text}`);
    if (fault?.delayMs) await sleep(fault.delayMs, undefined, { ref: false });
    if (fault?.hang) {
      call.outcome = "hung";
      await ctx.faults.hang(c.req.raw.signal);
      return dropConnection(c);
    }
    if (fault?.status !== undefined) {
      Object.assign(call, { outcome: "fault", status: fault.status });
      return refuse(c, to, fault);
    }
    await next();
    if (fault?.answerDelayMs) await sleep(fault.answerDelayMs, undefined, { ref: false });
    Object.assign(call, { outcome: fault?.dropAfter ? "dropped" : "answered", status: c.res.status });
    if (fault?.dropAfter) c.res = dropConnection(c);
  };
}

function refuse(c: Context, to: CallTarget, fault: Fault): Response {
  // The schema of faults keeps the status between 200 and 599.
  const status = fault.status as ContentfulStatusCode;
  if (typeof fault.body === "string") return c.body(fault.body, status);
  return c.json((fault.body ?? defaultBody(to, status)) as object, status);
}

function defaultBody(to: CallTarget, status: number): unknown {
  const message = "Service temporarily unavailable";
  switch (to) {
    case "graph":
      return {
        error: {
          message: `(#2) ${message}`,
          type: "OAuthException",
          is_transient: true,
          code: 2,
          fbtrace_id: "AFault",
        },
      };
    case "model":
      return {
        error: {
          message,
          type: status === 429 ? "rate_limit_error" : "server_error",
          code: null,
          param: null,
        },
      };
    case "push":
      return {
        error: { code: status, message, status: status === 429 ? "RESOURCE_EXHAUSTED" : "UNAVAILABLE" },
      };
    case "mail":
    case "cdn":
    case "payments":
      return { error: message };
  }
}

/** Tokens leave only their last four characters in the log. */
function hideTokens(values: Record<string, string>): Record<string, string> {
  const shown = { ...values };
  const secret = [
    "authorization",
    "access_token",
    "input_token",
    "client_secret",
    "code",
    "fb_exchange_token",
  ];
  for (const name of secret) {
    const value = shown[name];
    if (value !== undefined) shown[name] = `…${value.slice(-4)}`;
  }
  return shown;
}
