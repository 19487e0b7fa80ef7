import type { RouteConfig } from "@hono/zod-openapi";
import { createMiddleware } from "hono/factory";

import { listMemberships } from "../../db/system.ts";
import type { ApiEnv } from "../env.ts";
import { signedIn } from "../openapi.ts";
import { problems, unreadableBody } from "../problem.ts";
import { notSignedIn } from "./authenticate.ts";
import { checkOrigin } from "./check-origin.ts";
import { requireAccepted } from "./policies-in-force.ts";
import { takePoint } from "./rate-limits.ts";
import { demandVerified, readCredential, readSession } from "./read-actor.ts";
import { refuseWithoutFactor } from "./require-factor.ts";

/** Sets `c.var.session`: whoever is signed in, for whichever shop or none. An API key is nobody here. */
const requireSession = createMiddleware<ApiEnv>(async (c, next) => {
  const credential = readCredential(c);
  const session = credential && (await readSession(c.var.deps, credential.token));
  if (credential === undefined || session === undefined) throw notSignedIn();
  if (credential.from === "cookie") checkOrigin(c, { isByCookie: true });
  await takePoint(c.var.limits.actor, session.accountId);
  c.set("session", session);
  c.header("cache-control", "no-store");
  await next();
});

const requireVerified = createMiddleware<ApiEnv>(async (c, next) => {
  demandVerified(c.var.session);
  await next();
});

const requireFactor = createMiddleware<ApiEnv>(async (c, next) => {
  const { deps, session } = c.var;
  refuseWithoutFactor(deps, session, await listMemberships(deps.system, session.accountId));
  await next();
});

type OpenTo = { isForEnrolment?: boolean; isForUnverified?: boolean; isBeforePolicies?: boolean };

/**
 * A route of the signed-in account itself, which needs no shop: `createRoute(ofAccount({ … }))`. `isForEnrolment`: also for
 * an account that lacks the second factor that it must have; `isForUnverified`: also before the address is proven;
 * `isBeforePolicies`, as those two: also for an account that has not accepted what changed.
 */
export function ofAccount<const Route extends RouteConfig>(
  route: Route,
  { isForEnrolment = false, isForUnverified = false, isBeforePolicies = false }: OpenTo = {},
): Route {
  const { middleware = [], request, responses } = route;
  return {
    ...route,
    middleware: [
      requireSession,
      ...(isForUnverified ? [] : [requireVerified]),
      ...(isForEnrolment || isForUnverified ? [] : [requireFactor]),
      ...(isForEnrolment || isForUnverified || isBeforePolicies ? [] : [requireAccepted]),
      ...(Array.isArray(middleware) ? middleware : [middleware]),
    ],
    security: signedIn,
    "x-account": isForUnverified ? "unverified" : isForEnrolment ? "enrolment" : "factor",
    responses: {
      ...problems(401, 403, 429),
      ...(request === undefined ? {} : problems(422)),
      ...(request?.body === undefined ? {} : unreadableBody),
      ...responses,
    },
  };
}
