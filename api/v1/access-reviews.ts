import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import {
  findAccessReview,
  listAccessDecisions,
  listAccessReviews,
  listShopAccess,
  signShopReview,
} from "../../db/access-reviews.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import type { AccessReviewId } from "../../domain/id.ts";
import { steppedUp } from "../auth/step-up.ts";
import type { ApiEnv } from "../env.ts";
import { idempotent } from "../idempotency.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import {
  AccessReviewCaseSchema,
  AccessReviewPageSchema,
  SignAccessReviewBody,
  demandSigned,
  readDecisions,
  toAccessReview,
  toAccessReviewCase,
} from "./access-review.schema.ts";
import { audit } from "./audit.ts";
import { found, pathId, pathParams } from "./fields.schema.ts";
import { listQuery, readIdCursor, toPage } from "./list.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const accessReviewRoutes = createRouter();

const tags = ["Team"];
const path = "/v1/access-reviews";
const params = pathParams("reviewId", "arv");
const answer = jsonAnswer("The review", AccessReviewCaseSchema);

const listRoute = createRoute(
  scoped("team.read", {
    operationId: "listShopAccessReviews",
    method: "get",
    path,
    tags,
    description: "One is opened each quarter; newest first.",
    request: { query: z.strictObject(listQuery) },
    responses: { 200: jsonAnswer("The reviews", AccessReviewPageSchema) },
  }),
);

accessReviewRoutes.openapi(listRoute, async (c) => {
  const { deps, actor } = c.var;
  const { limit, cursor } = c.req.valid("query");
  const filter = { shopId: actor.shopId, limit: limit + 1, ...readIdCursor<AccessReviewId>(cursor) };
  const rows = await deps.db.withShop(actor.shopId, (trx) => listAccessReviews(trx, filter));
  const page = toPage(rows, limit, ({ id }) => id);
  const now = deps.clock.now();
  return c.json({ ...page, data: page.data.map((row) => toAccessReview(row, now)) }, 200);
});

const getRoute = createRoute(
  scoped("team.read", {
    operationId: "getShopAccessReview",
    method: "get",
    path: `${path}/{reviewId}`,
    tags,
    request: { params },
    responses: { 200: answer, ...problems(404) },
  }),
);

accessReviewRoutes.openapi(getRoute, async (c) => c.json(await read(c), 200));

const signRoute = createRoute(
  idempotent(
    steppedUp(
      scoped("team.write", {
        operationId: "signShopAccessReview",
        method: "post",
        path: `${path}/{reviewId}/sign`,
        tags,
        description: "An owner says of each person's role and of each API key whether it stays.",
        request: { params, body: jsonBody(SignAccessReviewBody) },
        responses: { 200: answer, ...problems(404, 409) },
      }),
    ),
    read,
  ),
);

accessReviewRoutes.openapi(signRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId, accountId: by } = actor;
  if (by === null) throw new TypeError("a key has no right to the team");
  const decisions = readDecisions(c.req.valid("json").decisions);
  const [id, now] = [idOf(c), deps.clock.now()];
  await deps.db.withShop(shopId, async (trx) => {
    demandSigned(await signShopReview(trx, { shopId, id, decisions, by, now }));
    await writeDown(trx, c, decisions);
  });
  return c.json(await read(c), 200);
});

type Decisions = ReturnType<typeof readDecisions>;

async function writeDown(trx: ShopTransaction, c: Context<ApiEnv>, decisions: Decisions): Promise<void> {
  const removed = decisions.filter(({ decision }) => decision === "remove");
  for (const { kind, id } of removed)
    await audit(trx, c, { action: kind === "member" ? "member.removed" : "api_key.revoked", resourceId: id });
  const data = { kept: decisions.length - removed.length, removed: removed.length };
  await audit(trx, c, { action: "access_review.signed", resourceId: idOf(c), data });
}

async function read(c: Context<ApiEnv>) {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const [id, now] = [idOf(c), deps.clock.now()];
  const view = await deps.db.withShop(shopId, async (trx) => ({
    review: found(await findAccessReview(trx, { shopId, id }), "arv"),
    current: await listShopAccess(trx, { shopId, now }),
    decisions: await listAccessDecisions(trx, { shopId, id }),
  }));
  return toAccessReviewCase(view, now);
}

function idOf(c: Context<ApiEnv>): AccessReviewId {
  return pathId<AccessReviewId>("arv", c.req.param("reviewId") ?? "");
}
