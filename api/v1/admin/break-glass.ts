import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import {
  decideBreakGlass,
  findBreakGlass,
  insertBreakGlass,
  listBreakGlass,
  revokeBreakGlass,
} from "../../../db/admin-break-glass.ts";
import { breakGlassReasonPlace } from "../../../db/break-glass.ts";
import type { BreakGlassRow } from "../../../db/break-glass.ts";
import { findShop } from "../../../db/shops.ts";
import { AppError } from "../../../domain/app-error.ts";
import type { BreakGlassId } from "../../../domain/id.ts";
import { normaliseText } from "../../../domain/text/normalise-text.ts";
import { steppedUp } from "../../auth/step-up.ts";
import type { ApiEnv } from "../../env.ts";
import { idempotent } from "../../idempotency.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { found, pathId, pathParams } from "../fields.schema.ts";
import { listQuery, readIdCursor, toPage } from "../list.ts";
import { jsonAnswer, jsonBody } from "../route-parts.ts";
import { adminOf } from "./admin-of.ts";
import {
  BreakGlassPageSchema,
  BreakGlassSchema,
  RequestBreakGlassBody,
  toBreakGlass,
} from "./break-glass.schema.ts";

export const breakGlassRoutes = createRouter();

const tags = ["Compliance: break-glass"];
const path = "/v1/compliance/break-glass-grants";
const params = pathParams("grantId", "bgg");
const answer = jsonAnswer("The grant as it is now", BreakGlassSchema);

const requestRoute = createRoute(
  idempotent(
    steppedUp(
      scoped("breakGlass.request", {
        operationId: "requestBreakGlass",
        method: "post",
        path,
        tags,
        description:
          "Asks to read in one shop, or of one customer, for an hour at most. Another person approves; the owner is told before anything can be read, and at the end what was.",
        request: { body: jsonBody(RequestBreakGlassBody) },
        responses: { 201: answer, ...problems(404) },
      }),
    ),
    async (c) => present(c, await read(c, c.var.effect.id as BreakGlassId)),
  ),
);

breakGlassRoutes.openapi(requestRoute, async (c) => {
  const { deps, effect } = c.var;
  const { shopId, customerId = null, scopes, minutes, reason } = c.req.valid("json");
  found(await deps.db.withShop(shopId, (trx) => findShop(trx, shopId)), "shop");
  const [id, by, now] = [effect.id as BreakGlassId, adminOf(c), deps.clock.now()];
  const place = breakGlassReasonPlace({ requestedBy: by, id });
  const [sealed] = await deps.sealer.seal([{ place, plaintext: normaliseText(reason) }]);
  if (sealed === undefined) throw new TypeError("nothing was sealed");
  const unique = [...new Set(scopes)];
  await insertBreakGlass(deps.admin, {
    shopId,
    id,
    customerId,
    scopes: unique,
    minutes,
    reason: sealed,
    by,
    now,
  });
  return c.json(present(c, await read(c, id)), 201);
});

const listRoute = createRoute(
  scoped("breakGlass.read", {
    operationId: "listBreakGlassGrants",
    method: "get",
    path,
    tags,
    description: "Of all shops, newest first.",
    request: { query: z.strictObject(listQuery) },
    responses: { 200: jsonAnswer("The grants", BreakGlassPageSchema) },
  }),
);

breakGlassRoutes.openapi(listRoute, async (c) => {
  const { limit, cursor } = c.req.valid("query");
  const filter = { limit: limit + 1, ...readIdCursor<BreakGlassId>(cursor) };
  const page = toPage(await listBreakGlass(c.var.deps.admin, filter), limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map((row) => present(c, row)) }, 200);
});

const getRoute = createRoute(
  scoped("breakGlass.read", {
    operationId: "getBreakGlassGrant",
    method: "get",
    path: `${path}/{grantId}`,
    tags,
    request: { params },
    responses: {
      200: jsonAnswer(
        "The grant with its reason",
        BreakGlassSchema.extend({
          reason: z.string().nullable().openapi({ description: "Null: no longer kept." }),
        }).openapi("BreakGlassCase"),
      ),
      ...problems(404),
    },
  }),
);

breakGlassRoutes.openapi(getRoute, async (c) => {
  const row = await read(c);
  const place = breakGlassReasonPlace({ requestedBy: row.requested_by, id: row.id });
  const [reason] = await c.var.deps.sealer.open([{ place, sealed: row.reason }]);
  return c.json({ ...present(c, row), reason: reason?.toString("utf8") ?? null }, 200);
});

const approveRoute = createRoute(
  decision("approveBreakGlass", "approve", {
    scope: "breakGlass.approve",
    description: "The time begins. Never by whoever asked.",
  }),
);
breakGlassRoutes.openapi(approveRoute, async (c) => c.json(await decide(c, "approved"), 200));

const refuseRoute = createRoute(
  decision("refuseBreakGlass", "refuse", {
    scope: "breakGlass.approve",
    description: "Never by whoever asked: they end it.",
  }),
);
breakGlassRoutes.openapi(refuseRoute, async (c) => c.json(await decide(c, "refused"), 200));

const endRoute = createRoute(
  decision("endBreakGlass", "end", {
    scope: "breakGlass.request",
    description: "From this instant nothing is read with it. By whoever asked, or anybody else who may ask.",
  }),
);
breakGlassRoutes.openapi(endRoute, async (c) => {
  const { deps } = c.var;
  const { id } = await read(c);
  await revokeBreakGlass(deps.admin, { id, by: adminOf(c), now: deps.clock.now() });
  return c.json(present(c, await read(c)), 200);
});

function decision<const Name extends string, const Verb extends string>(
  operationId: Name,
  verb: Verb,
  { scope, description }: { scope: "breakGlass.approve" | "breakGlass.request"; description: string },
) {
  return idempotent(
    steppedUp(
      scoped(scope, {
        operationId,
        method: "post",
        path: `${path}/{grantId}/${verb}`,
        tags,
        description,
        request: { params },
        responses: { 200: answer, ...problems(404, 409) },
      }),
    ),
    async (c) => present(c, await read(c)),
  );
}

async function decide(c: Context<ApiEnv>, to: "approved" | "refused") {
  const { admin, clock } = c.var.deps;
  const { id } = await read(c);
  const by = adminOf(c);
  const refusal = await decideBreakGlass(admin, { id, to, by, now: clock.now() });
  if (refusal === "same_person") {
    throw new AppError("forbidden", "break_glass.same_person", {
      internal: "the grant is the admin's own",
      public: "You asked for this yourself: somebody else must decide.",
    });
  }
  const row = await read(c);
  // The same word of the same person is answered as recorded.
  const isSame = row.decided_by === by && (row.refused_at !== null) === (to === "refused");
  if (refusal === "not_waiting" && !isSame) {
    throw new AppError("conflict", "break_glass.not_waiting", {
      internal: "decided, ended or lapsed",
      public: "This waits for no decision any more.",
    });
  }
  return present(c, row);
}

async function read(c: Context<ApiEnv>, id = idOf(c)): Promise<BreakGlassRow> {
  return found(await findBreakGlass(c.var.deps.admin, id), "bgg");
}

function idOf(c: Context<ApiEnv>): BreakGlassId {
  return pathId<BreakGlassId>("bgg", c.req.param("grantId") ?? "");
}

function present(c: Context<ApiEnv>, row: BreakGlassRow) {
  return toBreakGlass(row, c.var.deps.clock.now());
}
