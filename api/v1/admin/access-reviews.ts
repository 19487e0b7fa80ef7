import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import {
  listPlatformReviews,
  signPlatformReview,
  viewPlatformReview,
} from "../../../db/admin-access-reviews.ts";
import type { AccessReviewId } from "../../../domain/id.ts";
import { steppedUp } from "../../auth/step-up.ts";
import type { ApiEnv } from "../../env.ts";
import { idempotent } from "../../idempotency.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import {
  AccessReviewCaseSchema,
  AccessReviewPageSchema,
  SignAccessReviewBody,
  demandSigned,
  readDecisions,
  toAccessReview,
  toAccessReviewCase,
} from "../access-review.schema.ts";
import { found, pathId, pathParams } from "../fields.schema.ts";
import { listQuery, readIdCursor, toPage } from "../list.ts";
import { jsonAnswer, jsonBody } from "../route-parts.ts";
import { adminOf } from "./admin-of.ts";

export const accessReviewRoutes = createRouter();

const tags = ["Compliance: access reviews"];
const path = "/v1/compliance/access-reviews";
const params = pathParams("reviewId", "arv");
const answer = jsonAnswer("The review", AccessReviewCaseSchema);

const listRoute = createRoute(
  scoped("accessReviews.read", {
    operationId: "listAccessReviews",
    method: "get",
    path,
    tags,
    description: "Of the platform's own roles; one is opened each quarter; newest first.",
    request: { query: z.strictObject(listQuery) },
    responses: { 200: jsonAnswer("The reviews", AccessReviewPageSchema) },
  }),
);

accessReviewRoutes.openapi(listRoute, async (c) => {
  const { admin, clock } = c.var.deps;
  const { limit, cursor } = c.req.valid("query");
  const filter = { limit: limit + 1, ...readIdCursor<AccessReviewId>(cursor) };
  const page = toPage(await listPlatformReviews(admin, filter), limit, ({ id }) => id);
  const now = clock.now();
  return c.json({ ...page, data: page.data.map((row) => toAccessReview(row, now)) }, 200);
});

const getRoute = createRoute(
  scoped("accessReviews.read", {
    operationId: "getAccessReview",
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
      scoped("accessReviews.sign", {
        operationId: "signAccessReview",
        method: "post",
        path: `${path}/{reviewId}/sign`,
        tags,
        description: "Compliance says of each role of each account whether it stays.",
        request: { params, body: jsonBody(SignAccessReviewBody) },
        responses: { 200: answer, ...problems(404, 409) },
      }),
    ),
    read,
  ),
);

accessReviewRoutes.openapi(signRoute, async (c) => {
  const { admin, clock } = c.var.deps;
  const decisions = readDecisions(c.req.valid("json").decisions);
  const given = { id: idOf(c), decisions, by: adminOf(c), now: clock.now() };
  demandSigned(await signPlatformReview(admin, given));
  return c.json(await read(c), 200);
});

async function read(c: Context<ApiEnv>) {
  const { admin, clock } = c.var.deps;
  return toAccessReviewCase(found(await viewPlatformReview(admin, idOf(c)), "arv"), clock.now());
}

function idOf(c: Context<ApiEnv>): AccessReviewId {
  return pathId<AccessReviewId>("arv", c.req.param("reviewId") ?? "");
}
