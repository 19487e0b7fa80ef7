import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { findUpgradeOfAnyShop, insertAdminNote } from "../../../db/admin-upgrades.ts";
import type { UpgradeRequestRow } from "../../../db/upgrade-requests.ts";
import type { UpgradeRequestId, UploadId } from "../../../domain/id.ts";
import type { ApiEnv } from "../../env.ts";
import { idempotent } from "../../idempotency.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { decideUpgrade } from "../decide-upgrade.ts";
import { decisionBy } from "../decision-by.ts";
import { found, idField, pathId, pathParams } from "../fields.schema.ts";
import { jsonAnswer, jsonBody } from "../route-parts.ts";
import { adminReasonField } from "../upgrade.schema.ts";
import { sealUpgradeNote } from "../upgrade-notes.ts";
import { UpgradeCaseSummarySchema, toCaseSummary } from "./upgrade-case.schema.ts";

export const upgradeDecisionRoutes = createRouter();

const evidenceId = idField<UploadId>("upl").openapi({
  description: "The evidence that was looked at; when another was handed in meanwhile, nothing is decided.",
});

const approveRoute = createRoute(
  decision("approveUpgrade", "approve", z.strictObject({ evidenceId }).openapi("ApproveUpgrade"), {
    description:
      "The money is there: the plan begins. Above the configured amount this is the first of two approvals, and the request stays `submitted` until another admin gives the second.",
  }),
);

upgradeDecisionRoutes.openapi(approveRoute, async (c) => {
  const { evidenceId: uploadId } = c.req.valid("json");
  const row = await readRow(c);
  const request = { by: decisionBy(c.var.actor), uploadId };
  const ref = { shopId: row.shop_id, requestId: row.id };
  const after = await decideUpgrade(c, ref, { name: "approveUpgrade", request }, () => readRow(c));
  return c.json(toCaseSummary(after), 200);
});

const RefuseBody = z.strictObject({ evidenceId, reason: adminReasonField });

for (const { name, verb, schema, description } of [
  {
    name: "rejectUpgrade",
    verb: "reject",
    schema: "RejectUpgrade",
    description: "The request ends, and its owner reads why.",
  },
  {
    name: "requestUpgradeEvidenceAgain",
    verb: "request-evidence-again",
    schema: "RequestUpgradeEvidenceAgain",
    description: "The owner reads why, and hands in another picture or reference in time.",
  },
] as const) {
  const route = createRoute(decision(name, verb, RefuseBody.openapi(schema), { description }));
  upgradeDecisionRoutes.openapi(route, async (c) => {
    const { deps, actor } = c.var;
    const { evidenceId: uploadId, reason } = c.req.valid("json");
    const row = await readRow(c);
    const ref = { shopId: row.shop_id, requestId: row.id };
    const note = await sealUpgradeNote(c, row, reason);
    await insertAdminNote(deps.admin, { ...ref, ...note, now: deps.clock.now() });
    const request = { by: decisionBy(actor), uploadId, reasonNoteId: note.noteId };
    const after = await decideUpgrade(c, ref, { name, request }, () => readRow(c));
    return c.json(toCaseSummary(after), 200);
  });
}

function decision<const Name extends string, const Verb extends string, Body extends z.ZodType>(
  operationId: Name,
  verb: Verb,
  body: Body,
  { description }: { description: string },
) {
  return idempotent(
    scoped("upgrades.decide", {
      operationId,
      method: "post",
      path: `/v1/admin/upgrade-requests/{upgradeRequestId}/${verb}`,
      tags: ["Admin: upgrades"],
      description: `${description} Never by the requester or a member of that shop.`,
      request: { params: pathParams("upgradeRequestId", "upg"), body: jsonBody(body) },
      responses: {
        200: jsonAnswer("The request as it is now", UpgradeCaseSummarySchema),
        ...problems(404, 409, 503, 504),
      },
    }),
    async (c) => toCaseSummary(await readRow(c)),
  );
}

async function readRow(c: Context<ApiEnv>): Promise<UpgradeRequestRow> {
  const requestId = pathId<UpgradeRequestId>("upg", c.req.param("upgradeRequestId") ?? "");
  return found(await findUpgradeOfAnyShop(c.var.deps.admin, requestId), "upg");
}
