import { createRoute } from "@hono/zod-openapi";
import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";

import type { IncidentRow } from "../../../db/incidents.ts";
import { platformShopId } from "../../../db/accounts.ts";
import { toTypeId } from "../../../domain/id.ts";
import { breachWorkflow, breachWorkflowId } from "../../../workflows/breach.contract.ts";
import type { BreachInput, BreachUpdateName, BreachUpdates } from "../../../workflows/breach.contract.ts";
import { steppedUp } from "../../auth/step-up.ts";
import type { ApiEnv } from "../../env.ts";
import { idempotent } from "../../idempotency.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { decisionBy } from "../decision-by.ts";
import { pathParams } from "../fields.schema.ts";
import { requestDecision } from "../request-decision.ts";
import { jsonAnswer, jsonBody } from "../route-parts.ts";
import {
  CloseIncidentBody,
  ContainBody,
  IncidentProposalBody,
  IncidentSummarySchema,
  toIncidentSummary,
} from "./incident.schema.ts";
import { readIncident } from "./incidents.ts";

export const incidentDecisionRoutes = createRouter();

const params = pathParams("incidentId", "inc");

const proposeRoute = createRoute(
  decision("proposeIncidentDecision", "propose", IncidentProposalBody, {
    description: "One person's word: to tell whoever is affected, or that it was no breach.",
  }),
);

incidentDecisionRoutes.openapi(proposeRoute, async (c) => {
  const request = { by: decisionBy(c.var.actor), ...c.req.valid("json") };
  return c.json(await carryOut(c, { name: "proposeBreachDecision", request }), 200);
});

const approveRoute = createRoute(
  decision("approveIncidentDecision", "approve", IncidentProposalBody, {
    description: "Another person's word on the same papers. From then on people are told, once each.",
  }),
);

incidentDecisionRoutes.openapi(approveRoute, async (c) => {
  const request = { by: decisionBy(c.var.actor), ...c.req.valid("json") };
  return c.json(await carryOut(c, { name: "approveBreachDecision", request }), 200);
});

const containRoute = createRoute(
  decision("containIncident", "contain", ContainBody, {
    description:
      "At once: every session or API key ends, or the agents pause, in the shops that are named or in all. Your own session ends with them.",
  }),
);

incidentDecisionRoutes.openapi(containRoute, async (c) => {
  const request = { by: decisionBy(c.var.actor), ...c.req.valid("json") };
  return c.json(await carryOut(c, { name: "containBreach", request }), 200);
});

const closeRoute = createRoute(
  decision("closeIncident", "close", CloseIncidentBody, {
    description: "Everybody was told. Where that was late, with the reason.",
  }),
);

incidentDecisionRoutes.openapi(closeRoute, async (c) => {
  const request = { by: decisionBy(c.var.actor), ...c.req.valid("json") };
  return c.json(await carryOut(c, { name: "closeIncident", request }), 200);
});

function decision<const Name extends string, const Verb extends string, Body extends z.ZodType>(
  operationId: Name,
  verb: Verb,
  body: Body,
  { description }: { description: string },
) {
  return idempotent(
    steppedUp(
      scoped("incidents.decide", {
        operationId,
        method: "post",
        path: `/v1/compliance/incidents/{incidentId}/${verb}`,
        tags: ["Compliance: incidents"],
        description,
        request: { params, body: jsonBody(body) },
        responses: {
          200: jsonAnswer("The incident as it is now", IncidentSummarySchema),
          ...problems(404, 409, 503, 504),
        },
      }),
    ),
    async (c) => toIncidentSummary(await readIncident(c), c.var.deps.clock.now()),
  );
}

type Asked = { [Name in BreachUpdateName]: { name: Name; request: BreachUpdates[Name] } }[BreachUpdateName];

async function carryOut(c: Context<ApiEnv>, asked: Asked) {
  const { id: incidentId } = await readIncident(c);
  const input: BreachInput = { version: 1, shopId: platformShopId, incidentId };
  await requestDecision(c, {
    of: "breach",
    workflowId: breachWorkflowId(toTypeId("inc", incidentId)),
    workflowType: breachWorkflow,
    input,
    update: asked.name,
    request: asked.request,
    isRecorded: async () => isRecorded(await readIncident(c), asked),
  });
  return toIncidentSummary(await readIncident(c), c.var.deps.clock.now());
}

/** What the row says of a decision whose workflow has ended meanwhile. */
function isRecorded(row: IncidentRow, { name, request }: Asked): boolean {
  return name === "closeIncident"
    ? row.state === "closed"
    : name === "approveBreachDecision" && row.approved_by === request.by.accountId;
}
