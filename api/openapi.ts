import type { ApiRouter } from "./router.ts";
import { cookieName } from "./auth/session-cookie.ts";
import { ProblemSchema } from "./problem.ts";

export const cookieScheme = "sessionCookie";
export const bearerScheme = "bearer";

/** For `security` of a route: a session (cookie or bearer) or an API key. */
export const signedIn = [{ [cookieScheme]: [] }, { [bearerScheme]: [] }];

const info = {
  title: "Shopthread",
  version: "1",
  description:
    "Owner's API. Errors are `application/problem+json` (RFC 9457) with a stable `code`. Amounts are integers in the " +
    "currency's minor units, times are RFC 3339 in UTC. Enumerations may grow: accept values that you do not know.",
};

/** `/openapi.json`, 3.1, made from the very schemas that validate. */
export function mountOpenapi(app: ApiRouter, site: { publicUrl: string }): void {
  const { openAPIRegistry } = app;
  openAPIRegistry.register("Problem", ProblemSchema);
  openAPIRegistry.registerComponent("securitySchemes", cookieScheme, {
    type: "apiKey",
    in: "cookie",
    name: cookieName(site),
    description: "Set by signing in. Unsafe requests with it must come from the same origin.",
  });
  openAPIRegistry.registerComponent("securitySchemes", bearerScheme, {
    type: "http",
    scheme: "bearer",
    description: "The token of a session (`ses_…`) or an API key (`sk_…`).",
  });
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info,
    servers: [{ url: site.publicUrl }],
    security: signedIn,
  });
}
