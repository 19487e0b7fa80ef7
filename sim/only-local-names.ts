import type { MiddlewareHandler } from "hono";

/** A foreign site whose name resolves to this machine must not drive the simulators from a visitor's browser. */
export function onlyLocalNames(allowedHosts: string[]): MiddlewareHandler {
  const allowed = new Set(["127.0.0.1", "localhost", "[::1]", ...allowedHosts]);
  return async (c, next) => {
    if (!allowed.has(new URL(c.req.url).hostname)) return c.text("Unknown host", 421);
    await next();
    return undefined;
  };
}
