import { createRoute } from "@hono/zod-openapi";
import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { decideApplication, findApplicationOfAny, listApplications } from "../../../db/admin-applications.ts";
import type { ApplicationResult } from "../../../db/admin-applications.ts";
import { AppError } from "../../../domain/app-error.ts";
import type { ReferralApplicationId } from "../../../domain/id.ts";
import type { RejectReason } from "../../../domain/referral/application.ts";
import type { ApiEnv } from "../../env.ts";
import { idempotent } from "../../idempotency.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { found, notFound, pathId, pathParams } from "../fields.schema.ts";
import { readIdCursor, toPage } from "../list.ts";
import { jsonAnswer, jsonBody } from "../route-parts.ts";
import { adminOf } from "./admin-of.ts";
import {
  ApplicationCaseSchema,
  ApplicationQueueQuery,
  ApplicationQueueSchema,
  RejectApplicationBody,
  toApplicationCase,
} from "./referral-applications.schema.ts";

export const referralApplicationRoutes = createRouter();

const params = pathParams("applicationId", "rap");

const listRoute = createRoute(
  scoped("fraud.read", {
    operationId: "listReferralApplications",
    method: "get",
    path: "/v1/admin/referral-applications",
    tags: ["Admin: fraud"],
    description: "Who wants to take part in the referral: in ids and codes, who waits longest first.",
    request: { query: ApplicationQueueQuery },
    responses: { 200: jsonAnswer("The queue", ApplicationQueueSchema) },
  }),
);

referralApplicationRoutes.openapi(listRoute, async (c) => {
  const { limit, cursor, state } = c.req.valid("query");
  const { before: after } = readIdCursor<ReferralApplicationId>(cursor);
  const filter = { state, limit: limit + 1, ...(after === undefined ? {} : { after }) };
  const rows = await listApplications(c.var.deps.admin, filter);
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(toApplicationCase) }, 200);
});

const approveRoute = createRoute(
  idempotent(
    scoped("fraud.decide", {
      operationId: "approveReferralApplication",
      method: "post",
      path: "/v1/admin/referral-applications/{applicationId}/approve",
      tags: ["Admin: fraud"],
      description: "The applicant takes part from now on. Never by whoever stands on their line of the tree.",
      request: { params },
      responses: {
        200: jsonAnswer("The application as it is now", ApplicationCaseSchema),
        ...problems(404, 409),
      },
    }),
    readCase,
  ),
);

referralApplicationRoutes.openapi(approveRoute, async (c) => c.json(await decide(c, null), 200));

const rejectRoute = createRoute(
  idempotent(
    scoped("fraud.decide", {
      operationId: "rejectReferralApplication",
      method: "post",
      path: "/v1/admin/referral-applications/{applicationId}/reject",
      tags: ["Admin: fraud"],
      description:
        "The applicant is told why, and may apply again after 30 days. Never by whoever stands on their line of the tree.",
      request: { params, body: jsonBody(RejectApplicationBody) },
      responses: {
        200: jsonAnswer("The application as it is now", ApplicationCaseSchema),
        ...problems(404, 409),
      },
    }),
    readCase,
  ),
);

referralApplicationRoutes.openapi(rejectRoute, async (c) =>
  c.json(await decide(c, c.req.valid("json").reason), 200),
);

type Case = z.infer<typeof ApplicationCaseSchema>;

async function decide(c: Context<ApiEnv>, reason: RejectReason | null): Promise<Case> {
  const { admin, clock } = c.var.deps;
  const decision = { applicationId: applicationIdOf(c), reason, by: adminOf(c), now: clock.now() };
  const result = await decideApplication(admin, decision);
  if (result.outcome === "refused") throw refusal(result.reason);
  return readCase(c);
}

async function readCase(c: Context<ApiEnv>): Promise<Case> {
  return toApplicationCase(found(await findApplicationOfAny(c.var.deps.admin, applicationIdOf(c)), "rap"));
}

function applicationIdOf(c: Context<ApiEnv>): ReferralApplicationId {
  return pathId<ReferralApplicationId>("rap", c.req.param("applicationId") ?? "");
}

function refusal(reason: Extract<ApplicationResult, { outcome: "refused" }>["reason"]): AppError {
  switch (reason) {
    case "unknown":
      return notFound("rap");
    case "already_decided":
      return new AppError("conflict", "referral_application.already_decided", {
        internal: "the application is decided",
        public: "This application was decided already.",
      });
    case "related":
      return new AppError("forbidden", "referral_application.related", {
        internal: "the admin stands on the applicant's line of the tree",
        public: "Somebody else must decide about this application.",
      });
  }
}
