import type { Context, Next } from "hono";
import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import { methodNotAllowed } from "hono/method-not-allowed";
import { matchedRoutes } from "hono/route";

import { AppError } from "../domain/app-error.ts";
import { newId } from "../domain/id.ts";
import { mountAccounts } from "./accounts/account-routes.ts";
import { mountAcceptInvitation } from "./auth/accept-invitation.ts";
import { authenticate } from "./auth/authenticate.ts";
import { authenticateAdmin } from "./auth/authenticate-admin.ts";
import { mountProfile } from "./auth/profile-routes.ts";
import { createRateLimits } from "./auth/rate-limits.ts";
import { mountSecondFactor } from "./auth/second-factor-routes.ts";
import { mountSessionList } from "./auth/session-list-routes.ts";
import { mountSessions } from "./auth/session-routes.ts";
import type { ApiDeps } from "./deps.ts";
import type { ApiEnv } from "./env.ts";
import { mountCertificateKeys } from "./certificate-keys.ts";
import { mountHealth } from "./health.ts";
import { createApiMetrics } from "./metrics.ts";
import type { ApiMetrics } from "./metrics.ts";
import { mountOpenapi } from "./openapi.ts";
import { mountProcessors } from "./processors.ts";
import { HttpProblem, sendProblem, toProblem } from "./problem.ts";
import { mountDataInventory } from "./privacy/inventory-routes.ts";
import { mountPrivacyPackages } from "./privacy/package-routes.ts";
import { createRouter } from "./router.ts";
import type { ApiRouter } from "./router.ts";
import { mountTickets } from "./support/ticket-routes.ts";
import { mountPrivacyPages } from "./privacy/public-pages.tsx";
import { mountDataDeletion } from "./webhooks/data-deletion.ts";
import { mountDeauthorise } from "./webhooks/deauthorise.ts";
import { mountMessengerWebhook } from "./webhooks/messenger.ts";
import { mountPaymentWebhooks } from "./webhooks/payments.ts";

/** Adds routes. Those below `/v1` find `c.var.actor` set; all others see to their own authentication. */
export type ApiPart = (app: ApiRouter, deps: ApiDeps) => void;

export type Api = {
  app: ApiRouter;
  metrics: ApiMetrics;
  /** From now on `/health/ready` answers 503, so that nobody sends new work here. */
  beginShutdown(): void;
  /** Resolves when requests in work and what goes on after answers are done. */
  drained(): Promise<void>;
};

/** Uploads have limits of their own, below this one. */
const maxBodyBytes = 12 * 1024 * 1024;

export function createApi(deps: ApiDeps, parts: ApiPart[] = [], limits = createRateLimits()): Api {
  const app = createRouter();
  const routes = new Set<string>();
  const metrics = createApiMetrics((route) => routes.has(route));
  const lifecycle = { isStopping: false };
  const open = new Set<Promise<unknown>>();

  const background = (work: Promise<unknown>): void => {
    const settled = work.catch(() => undefined).finally(() => open.delete(settled));
    open.add(settled);
  };

  app.use(
    createMiddleware<ApiEnv>(async (c, next) => {
      c.set("requestId", `req_${newId<string>()}`);
      c.set("deps", deps);
      c.set("metrics", metrics);
      c.set("limits", limits);
      c.set("background", background);
      const work = next();
      background(work);
      await work;
    }),
  );
  app.use(observe);
  app.use(methodNotAllowed({ app, onMethodNotAllowed: refuseMethod }));
  app.onError((error, c) => {
    const problem = toProblem(error, c.var.requestId);
    if (problem.status >= 500) logFailure(deps, error, c.var.requestId);
    return sendProblem(c, problem);
  });
  app.notFound((c) => sendProblem(c, toProblem(noSuchRoute, c.var.requestId)));

  mountHealth(app, lifecycle);
  mountOpenapi(app, deps.settings);
  mountMessengerWebhook(app);
  mountPaymentWebhooks(app);
  mountDeauthorise(app);
  mountDataDeletion(app);
  mountPrivacyPages(app);
  app.use("/v1/*", bodyLimit({ maxSize: maxBodyBytes, onError: tooLarge }));
  mountProcessors(app);
  mountSessions(app);
  app.use("/v1/admin/*", authenticateAdmin);
  app.use("/v1/compliance/*", authenticateAdmin);
  mountSessionList(app);
  mountSecondFactor(app);
  mountProfile(app);
  mountAcceptInvitation(app);
  mountAccounts(app);
  mountTickets(app);
  mountCertificateKeys(app);
  mountDataInventory(app);
  mountPrivacyPackages(app);
  app.use("/v1/*", authenticate);
  for (const mount of parts) mount(app, deps);
  for (const { path } of app.routes) routes.add(path);

  return {
    app,
    metrics,
    beginShutdown: () => {
      lifecycle.isStopping = true;
    },
    drained: async () => {
      while (open.size > 0) await Promise.all(open);
    },
  };
}

const noSuchRoute = new AppError("not_found", "route.not_found", {
  internal: "no route",
  public: "There is nothing at this address.",
});

function refuseMethod(c: Context<ApiEnv>, methods: string[]): Response {
  const refused = new HttpProblem(405, "route.method_not_allowed", "This address does not know this method.");
  const response = sendProblem(c, toProblem(refused, c.var.requestId));
  response.headers.set("allow", methods.join(", "));
  return response;
}

function tooLarge(): never {
  throw new HttpProblem(413, "request.too_large", "The request is too large.");
}

/** Route patterns, never paths: an address may hold what a log must not. */
const observe = createMiddleware<ApiEnv>(async (c, next) => {
  const { metrics, requestId, deps } = c.var;
  const started = performance.now();
  c.header("x-request-id", requestId);
  c.header("x-content-type-options", "nosniff");
  const isAskedByMachines = /^\/(?:health|metrics)\b/.test(c.req.path);
  await (isAskedByMachines ? next() : traceRequest(c, next));
  const ms = Math.round(performance.now() - started);
  const { status } = c.res;
  const route = routeOf(c);
  c.res.headers.set("x-request-id", requestId);
  metrics.requests.observe({ method: c.req.method, route, status }, ms / 1_000);
  deps.log.debug(
    { requestId, method: c.req.method, route, httpStatus: status, durationMs: ms },
    "request.answered",
  );
});

/** The pattern of the route that answered, behind which a middleware of more routes may still stand. */
function routeOf(c: Context<ApiEnv>): string {
  const patterns = matchedRoutes(c).map(({ path }) => path);
  return patterns.findLast((path) => !path.endsWith("*")) ?? patterns.at(-1) ?? "";
}

function traceRequest(c: Context<ApiEnv>, next: Next): Promise<void> {
  const { requestId, deps } = c.var;
  return deps.trace.span("request", { requestId, method: c.req.method }, async () => {
    await next();
    deps.trace.add({ route: routeOf(c), httpStatus: c.res.status });
  });
}

function logFailure({ log }: ApiDeps, err: unknown, requestId: string): void {
  log.error({ requestId, err }, "request.failed");
}
