import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { findRun, listRuns, openDryRun, openPlan } from "../../../db/system-retention.ts";
import { forecastPlatform } from "../../../db/system-retention-forecast.ts";
import type { RetentionRunId } from "../../../domain/id.ts";
import type { ApiEnv } from "../../env.ts";
import { idempotent } from "../../idempotency.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { adminOf } from "../admin/admin-of.ts";
import { found, pathId, pathParams } from "../fields.schema.ts";
import { listQuery, readIdCursor, toPage } from "../list.ts";
import {
  ForecastSchema,
  RetentionRunPage,
  RetentionRunSchema,
  horizonsFrom,
  toForecast,
  toRetentionRun,
} from "../retention.schema.ts";
import { jsonAnswer, jsonBody } from "../route-parts.ts";

export const complianceRetentionRoutes = createRouter();

const tags = ["Compliance: retention"];
const params = pathParams("runId", "rtr");

const forecastRoute = createRoute(
  scoped("retention.read", {
    operationId: "getPlatformRetentionForecast",
    method: "get",
    path: "/v1/compliance/retention/forecast",
    tags,
    description:
      "How much of all shops' data, and of the platform's, will be removed now, within 7, 30 and 90 days, under which rule.",
    responses: { 200: jsonAnswer("The forecast", ForecastSchema) },
  }),
);

complianceRetentionRoutes.openapi(forecastRoute, async (c) => {
  const { deps } = c.var;
  const now = deps.clock.now();
  return c.json(toForecast(await forecastPlatform(deps.system, horizonsFrom(now)), now), 200);
});

const listRoute = createRoute(
  scoped("retention.read", {
    operationId: "listRetentionRuns",
    method: "get",
    path: "/v1/compliance/retention/runs",
    tags,
    description:
      "The proof of each run, the newest first: what was removed under which rule, and a hash of its ids.",
    request: { query: z.strictObject(listQuery) },
    responses: { 200: jsonAnswer("The runs", RetentionRunPage) },
  }),
);

complianceRetentionRoutes.openapi(listRoute, async (c) => {
  const { limit, cursor } = c.req.valid("query");
  const page = { limit: limit + 1, ...readIdCursor<RetentionRunId>(cursor) };
  const { data, ...rest } = toPage(await listRuns(c.var.deps.system, page), limit, ({ id }) => id);
  return c.json({ ...rest, data: data.map(toRetentionRun) }, 200);
});

const getRouteOf = createRoute(
  scoped("retention.read", {
    operationId: "getRetentionRun",
    method: "get",
    path: "/v1/compliance/retention/runs/{runId}",
    tags,
    request: { params },
    responses: { 200: jsonAnswer("The run as it is now", RetentionRunSchema), ...problems(404) },
  }),
);

complianceRetentionRoutes.openapi(getRouteOf, async (c) => c.json(await readRun(c, runIdOf(c)), 200));

const dryRunRoute = createRoute(
  idempotent(
    scoped("retention.run", {
      operationId: "startRetentionDryRun",
      method: "post",
      path: "/v1/compliance/retention/dry-runs",
      tags,
      description:
        "Writes down the exact ids of what is due now, with a hash of them, and removes nothing. Poll the run until it is done.",
      responses: { 202: jsonAnswer("The run that was begun", RetentionRunSchema) },
    }),
    (c) => readRun(c, c.var.effect.id as RetentionRunId),
  ),
);

complianceRetentionRoutes.openapi(dryRunRoute, async (c) => {
  const { deps, effect } = c.var;
  const asked = { id: effect.id as RetentionRunId, startedBy: adminOf(c), now: deps.clock.now() };
  const runId = await openDryRun(deps.system, asked);
  begin(c, runId);
  return c.json(await readRun(c, runId), 202);
});

const ExecuteBody = z
  .strictObject({ hash: z.string().regex(/^[0-9a-f]{64}$/, "Must be 64 hexadecimal digits") })
  .openapi("ExecuteRetentionPlan");

const executeRoute = createRoute(
  idempotent(
    scoped("retention.run", {
      operationId: "executeRetentionPlan",
      method: "post",
      path: "/v1/compliance/retention/runs/{runId}/execute",
      tags,
      description:
        "Removes exactly what the dry run wrote down, known by its hash. When something else is due by then the new run ends as `stale` and removes nothing.",
      request: { params, body: jsonBody(ExecuteBody) },
      responses: { 202: jsonAnswer("The run that was begun", RetentionRunSchema), ...problems(404, 409) },
    }),
    (c) => readRun(c, c.var.effect.id as RetentionRunId),
  ),
);

complianceRetentionRoutes.openapi(executeRoute, async (c) => {
  const { deps, effect } = c.var;
  const asked = { id: effect.id as RetentionRunId, startedBy: adminOf(c), now: deps.clock.now() };
  const { hash } = c.req.valid("json");
  const runId = found(await openPlan(deps.system, { ...asked, planId: runIdOf(c), hash }), "rtr");
  begin(c, runId);
  return c.json(await readRun(c, runId), 202);
});

function runIdOf(c: Context<ApiEnv>): RetentionRunId {
  return pathId<RetentionRunId>("rtr", c.req.param("runId") ?? "");
}

async function readRun(c: Context<ApiEnv>, runId: RetentionRunId) {
  return toRetentionRun(found(await findRun(c.var.deps.system, runId), "rtr"));
}

/** Its row is there: with Temporal away it is begun by `reconcile`. */
function begin(c: Context<ApiEnv>, runId: RetentionRunId): void {
  const { deps, background } = c.var;
  background(
    deps.processes.sweepRetention({ runId }).catch((err: unknown) => {
      deps.log.warn({ runId, err }, "retention.not_begun");
    }),
  );
}
