import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context } from "hono";

/** Cuts the TCP connection without an answer. Without a real server behind it, the caller gets an error instead. */
export function dropConnection(c: Context): Response {
  const bindings = c.env as Partial<HttpBindings> | undefined;
  if (!bindings?.outgoing) throw new Error("connection dropped by a fault");
  bindings.outgoing.destroy();
  return RESPONSE_ALREADY_SENT;
}
