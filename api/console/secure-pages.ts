import { createMiddleware } from "hono/factory";

import { checkOrigin } from "../auth/check-origin.ts";
import { asApiContext } from "./console-env.ts";
import type { ConsoleEnv } from "./console-env.ts";

const policy = [
  "default-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types console",
].join("; ");

const headers = {
  "content-security-policy": policy,
  "cache-control": "no-store",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
};

/** Refuses what another site makes a browser send, and lets pages run nothing but our own files. */
export const securePages = createMiddleware<ConsoleEnv>(async (c, next) => {
  checkOrigin(asApiContext(c), { isByCookie: true });
  await next();
  // A picture's own policy is narrower.
  for (const [name, value] of Object.entries(headers)) {
    if (!c.res.headers.has(name)) c.res.headers.set(name, value);
  }
});
