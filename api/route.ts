import type { RouteConfig } from "@hono/zod-openapi";

import type { Scope } from "../domain/account/scopes.ts";
import type { AdminScope } from "./auth/admin-scopes.ts";
import { requireScope } from "./auth/authenticate.ts";
import { signedIn } from "./openapi.ts";
import { problems, unreadableBody } from "./problem.ts";

/**
 * A route of a signed-in actor with the scope: `createRoute(scoped("orders.read", { … }))`, and for writes that must
 * not be done twice `createRoute(idempotent(scoped("orders.write", { … }), readAgain))`.
 */
export function scoped<const Route extends RouteConfig>(scope: Scope | AdminScope, route: Route): Route {
  const { middleware = [], request, responses } = route;
  return {
    ...route,
    middleware: [requireScope(scope), ...(Array.isArray(middleware) ? middleware : [middleware])],
    security: signedIn,
    "x-scope": scope,
    responses: {
      ...problems(401, 403, 422, 429),
      ...(request?.body === undefined ? {} : unreadableBody),
      ...responses,
    },
  };
}
