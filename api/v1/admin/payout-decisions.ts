import { createRoute, z } from "@hono/zod-openapi";
import type { RouteConfig } from "@hono/zod-openapi";
import type { Context } from "hono";

import { findPayoutOfAny } from "../../../db/admin-payouts.ts";
import type { PayoutRow } from "../../../db/payouts.ts";
import type { PayoutId, UploadId } from "../../../domain/id.ts";
import { payoutFailures } from "../../../domain/payout/states.ts";
import type { AdminScope } from "../../auth/admin-scopes.ts";
import { steppedUp } from "../../auth/step-up.ts";
import type { ApiEnv } from "../../env.ts";
import { idempotent } from "../../idempotency.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { decisionBy } from "../decision-by.ts";
import { TimeSchema, found, idField, pathId, pathParams } from "../fields.schema.ts";
import { jsonAnswer, jsonBody } from "../route-parts.ts";
import { decidePayout } from "./decide-payout.ts";
import type { AskedPayout } from "./decide-payout.ts";
import { PayoutCaseSummarySchema, toPayoutSummary } from "./payout-case.schema.ts";

export const payoutDecisionRoutes = createRouter();

const params = pathParams("payoutId", "pout");

const attempt = z.int().min(1).max(1_000_000).openapi({
  description:
    "The attempt that you carried out, as the case names it; about another one nothing is recorded.",
});

const proposeRoute = createRoute(
  decision("proposePayout", "propose", {
    request: { params },
    scope: "payouts.propose",
    description: "The maker's word: this amount, to the account as it is now. Another admin approves it.",
  }),
);

payoutDecisionRoutes.openapi(proposeRoute, async (c) => {
  const request = { by: decisionBy(c.var.actor) };
  return c.json(await carryOut(c, { name: "proposePayout", request }), 200);
});

const ApproveBody = z
  .strictObject({
    accountVersion: z.int().min(1).max(1_000_000_000).openapi({
      description: "As the case names it; when another account was proposed meanwhile, nothing is approved.",
    }),
    proposedAt: TimeSchema.openapi({
      description: "As the case names it; what was proposed anew meanwhile is approved anew.",
    }),
  })
  .openapi("ApprovePayout");

const approveRoute = createRoute(
  decision("approvePayout", "approve", {
    request: { params, body: jsonBody(ApproveBody) },
    scope: "payouts.approve",
    description: "The money is ordered. Never by the admin who proposed it.",
  }),
);

payoutDecisionRoutes.openapi(approveRoute, async (c) => {
  const request = { by: decisionBy(c.var.actor), ...c.req.valid("json") };
  return c.json(await carryOut(c, { name: "approvePayout", request }), 200);
});

const PaidBody = z
  .strictObject({ attempt, evidenceId: idField<UploadId>("upl") })
  .openapi("RecordPayoutPaid");

const paidRoute = createRoute(
  decision("recordPayoutPaid", "record-paid", {
    request: { params, body: jsonBody(PaidBody) },
    scope: "payouts.propose",
    description:
      "The money was sent: upload the proof (`createPayoutUpload`), then record it. The participant is told.",
  }),
);

payoutDecisionRoutes.openapi(paidRoute, async (c) => {
  const { attempt, evidenceId: uploadId } = c.req.valid("json");
  const request = { by: decisionBy(c.var.actor), attempt, uploadId };
  return c.json(await carryOut(c, { name: "recordPayoutPaid", request }), 200);
});

const FailedBody = z.strictObject({ attempt, reason: z.enum(payoutFailures) }).openapi("RecordPayoutFailed");

const failedRoute = createRoute(
  decision("recordPayoutFailed", "record-failed", {
    request: { params, body: jsonBody(FailedBody) },
    scope: "payouts.propose",
    description:
      "It is certain that no money went, or that it came back. Once that is corrected it is proposed and approved anew.",
  }),
);

payoutDecisionRoutes.openapi(failedRoute, async (c) => {
  const { attempt, reason: failure } = c.req.valid("json");
  const request = { by: decisionBy(c.var.actor), attempt, failure };
  return c.json(await carryOut(c, { name: "recordPayoutFailed", request }), 200);
});

const cancelRoute = createRoute(
  decision("cancelPayout", "cancel", {
    request: { params },
    scope: "payouts.propose",
    description:
      "Its lines go into the next payout, unless a flag stands against them. Not once money may be on its way.",
  }),
);

payoutDecisionRoutes.openapi(cancelRoute, async (c) => {
  const request = { by: decisionBy(c.var.actor) };
  return c.json(await carryOut(c, { name: "cancelPayout", request }), 200);
});

function decision<
  const Name extends string,
  const Verb extends string,
  const Request extends NonNullable<RouteConfig["request"]>,
>(
  operationId: Name,
  verb: Verb,
  { scope, request, description }: { scope: AdminScope; request: Request; description: string },
) {
  return idempotent(
    steppedUp(
      scoped(scope, {
        operationId,
        method: "post",
        path: `/v1/admin/payouts/{payoutId}/${verb}`,
        tags: ["Admin: payouts"],
        description: `${description} Never by whoever stands on the participant's line of the tree.`,
        request,
        responses: {
          200: jsonAnswer("The payout as it is now", PayoutCaseSummarySchema),
          ...problems(404, 409, 503, 504),
        },
      }),
    ),
    async (c) => toPayoutSummary(await readRow(c)),
  );
}

async function carryOut(c: Context<ApiEnv>, asked: AskedPayout) {
  return toPayoutSummary(await decidePayout(c, await readRow(c), asked));
}

async function readRow(c: Context<ApiEnv>): Promise<PayoutRow> {
  const payoutId = pathId<PayoutId>("pout", c.req.param("payoutId") ?? "");
  return found(await findPayoutOfAny(c.var.deps.admin, payoutId), "pout");
}
