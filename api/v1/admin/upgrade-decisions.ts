import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { findUpgradeOfAnyShop, insertAdminNote } from "../../../db/admin-upgrades.ts";
import type { UpgradeRequestRow } from "../../../db/upgrade-requests.ts";
import type { GatewayPaymentId, MessageId, UpgradeRequestId, UploadId } from "../../../domain/id.ts";
import { refundWays } from "../../../domain/subscription/reversal.ts";
import { steppedUp } from "../../auth/step-up.ts";
import type { ApiEnv } from "../../env.ts";
import { idempotent } from "../../idempotency.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { decideUpgrade } from "../decide-upgrade.ts";
import { decisionBy } from "../decision-by.ts";
import { found, idField, pathId, pathParams } from "../fields.schema.ts";
import { jsonAnswer, jsonBody } from "../route-parts.ts";
import { adminReasonField, referenceField } from "../upgrade.schema.ts";
import { sealUpgradeNote } from "../upgrade-notes.ts";
import { demandMayDecide } from "./may-decide.ts";
import { UpgradeCaseSummarySchema, toCaseSummary } from "./upgrade-case.schema.ts";

export const upgradeDecisionRoutes = createRouter();

const evidenceId = idField<UploadId>("upl").openapi({
  description: "The evidence that was looked at; when another was handed in meanwhile, nothing is decided.",
});

const ApproveBody = z
  .strictObject({
    evidenceId,
    reference: referenceField.openapi({
      description: "The transfer's number as it stands on the proof, whatever the requester wrote.",
    }),
  })
  .openapi("ApproveUpgrade");

const approveRoute = createRoute(
  decision("approveUpgrade", "approve", ApproveBody, {
    description:
      "The money is there: the plan begins, or the credits are granted. Above the configured amount this is the first of two approvals, and the request stays `submitted` until another admin gives the second, who must read the same reference.",
  }),
);

upgradeDecisionRoutes.openapi(approveRoute, async (c) => {
  const { evidenceId: uploadId, reference } = c.req.valid("json");
  const row = await readRow(c);
  const referenceNoteId = await storeAdminNote(c, row, reference);
  const request = { by: decisionBy(c.var.actor), uploadId, referenceNoteId };
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
    const { evidenceId: uploadId, reason } = c.req.valid("json");
    const row = await readRow(c);
    const ref = { shopId: row.shop_id, requestId: row.id };
    const reasonNoteId = await storeAdminNote(c, row, reason);
    const request = { by: decisionBy(c.var.actor), uploadId, reasonNoteId };
    const after = await decideUpgrade(c, ref, { name, request }, () => readRow(c));
    return c.json(toCaseSummary(after), 200);
  });
}

const RefundBody = z
  .strictObject({
    paymentId: idField<GatewayPaymentId>("pay").openapi({ description: "From `listUpgradeMoney`." }),
    way: z.enum(refundWays).default("gateway").openapi({
      description: "`transfer`: the provider has refused it (`problem`), and you have sent it yourself.",
    }),
  })
  .openapi("RefundUpgradeMoney");

const refundRoute = createRoute(
  idempotent(
    steppedUp(
      described("refundUpgradeMoney", "refund-money", RefundBody, {
        description:
          "Money that came by code and bought nothing, or whose plan was taken back, goes back through the provider to whoever paid it, all of it.",
      }),
    ),
    readSummary,
  ),
);

upgradeDecisionRoutes.openapi(refundRoute, async (c) => {
  const { effect, actor } = c.var;
  const row = await readRow(c);
  const { paymentId, way } = c.req.valid("json");
  const request = { by: decisionBy(actor), paymentId, effectKey: effect.id, way };
  const ref = { shopId: row.shop_id, requestId: row.id };
  const after = await decideUpgrade(c, ref, { name: "refundUpgradeMoney", request }, () => readRow(c));
  return c.json(toCaseSummary(after), 200);
});

type Described = { description: string };

function decision<const Name extends string, const Verb extends string, Body extends z.ZodType>(
  operationId: Name,
  verb: Verb,
  body: Body,
  said: Described,
) {
  return idempotent(described(operationId, verb, body, said), readSummary);
}

function described<const Name extends string, const Verb extends string, Body extends z.ZodType>(
  operationId: Name,
  verb: Verb,
  body: Body,
  { description }: Described,
) {
  return scoped("upgrades.decide", {
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
  });
}

async function readSummary(c: Context<ApiEnv>) {
  return toCaseSummary(await readRow(c));
}

/** Sealed under the request's key; nothing is kept of an admin to whom it is not theirs to decide. */
async function storeAdminNote(c: Context<ApiEnv>, row: UpgradeRequestRow, text: string): Promise<MessageId> {
  const { deps } = c.var;
  const { shop_id: shopId, id: requestId } = row;
  await demandMayDecide(c, row);
  const note = await sealUpgradeNote(c, row, text);
  await insertAdminNote(deps.admin, { shopId, requestId, ...note, now: deps.clock.now() });
  return note.noteId;
}

async function readRow(c: Context<ApiEnv>): Promise<UpgradeRequestRow> {
  const requestId = pathId<UpgradeRequestId>("upg", c.req.param("upgradeRequestId") ?? "");
  return found(await findUpgradeOfAnyShop(c.var.deps.admin, requestId), "upg");
}
