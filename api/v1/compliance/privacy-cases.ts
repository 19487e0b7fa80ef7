import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { accountSubject, platformShopId } from "../../../db/accounts.ts";
import { findPrivacyRequestOfAnyShop, listPrivacyQueue, viewPrivacyCase } from "../../../db/admin-privacy.ts";
import type { PrivacyRequestRow } from "../../../db/privacy-requests.ts";
import { toTypeId } from "../../../domain/id.ts";
import type { AccountId, CustomerId, PrivacyRequestId, ShopId } from "../../../domain/id.ts";
import { privacyDenials, privacyStates } from "../../../domain/privacy/privacy-request.ts";
import type { ApiEnv } from "../../env.ts";
import { idempotent } from "../../idempotency.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { lookOf } from "../admin/look-of.ts";
import { decidePrivacyRequest, openPrivacyNote, storeReason } from "../decide-privacy-request.ts";
import type { AskedPrivacy } from "../decide-privacy-request.ts";
import { decisionBy } from "../decision-by.ts";
import { found, idField, idText, pathId, pathParams, textOf } from "../fields.schema.ts";
import { listQuery, pageOf, readTimeCursor, timePlace, toPage } from "../list.ts";
import { openPrivacyRequest } from "../open-privacy-request.ts";
import {
  CreatedPrivacyRequestSchema,
  ObjectsToSchema,
  PrivacyKindSchema,
  PrivacyRequestDetailSchema,
  PrivacyRequestSchema,
  noteField,
  toPrivacyDetail,
  toPrivacyRequest,
} from "../privacy-requests.schema.ts";
import { jsonAnswer, jsonBody } from "../route-parts.ts";

export const privacyCaseRoutes = createRouter();

const tags = ["Compliance: privacy requests"];
const path = "/v1/compliance/privacy-requests";
const params = pathParams("privacyRequestId", "pvr");

const shopOf = {
  shopId: idText("shop").nullable().openapi({ description: "Null: it is about an account." }),
};
const CaseSummarySchema = PrivacyRequestSchema.extend(shopOf).openapi("PrivacyCaseSummary");
const CaseSchema = PrivacyRequestDetailSchema.extend(shopOf).openapi("PrivacyCase");

function shopIdOf({ shop_id: shopId }: PrivacyRequestRow): string | null {
  return shopId === platformShopId ? null : toTypeId("shop", shopId);
}

function toSummary(row: PrivacyRequestRow): z.infer<typeof CaseSummarySchema> {
  return { ...toPrivacyRequest(row), shopId: shopIdOf(row) };
}

const listRoute = createRoute(
  scoped("privacyRequests.read", {
    operationId: "listAllPrivacyRequests",
    method: "get",
    path,
    tags,
    description: "Of all shops and accounts, what is due first first. Without a state: those that are open.",
    request: { query: z.strictObject({ ...listQuery, state: z.enum(privacyStates).optional() }) },
    responses: { 200: jsonAnswer("The queue", pageOf(CaseSummarySchema).openapi("PrivacyQueue")) },
  }),
);

privacyCaseRoutes.openapi(listRoute, async (c) => {
  const { limit, cursor, state } = c.req.valid("query");
  const rows = await listPrivacyQueue(c.var.deps.admin, {
    state,
    limit: limit + 1,
    ...readTimeCursor(cursor),
  });
  const page = toPage(rows, limit, ({ due_at: at, id }) => timePlace(at, id));
  return c.json({ ...page, data: page.data.map(toSummary) }, 200);
});

const caseRoute = createRoute(
  scoped("privacyRequests.read", {
    operationId: "getPrivacyCase",
    method: "get",
    path: `${path}/{privacyRequestId}`,
    tags,
    description:
      "One request with its story. The look stands in the shop's log. What was written is shown to who may decide.",
    request: { params },
    responses: { 200: jsonAnswer("The case", CaseSchema), ...problems(404) },
  }),
);

privacyCaseRoutes.openapi(caseRoute, async (c) => {
  const { deps, actor } = c.var;
  const look = lookOf(c, "privacy_request.viewed");
  const { row, events } = found(await viewPrivacyCase(deps.admin, requestIdOf(c), look), "pvr");
  const mayRead = actor.scopes.has("privacyRequests.decide");
  const note = mayRead ? await openPrivacyNote(deps, row, row.note_id) : null;
  const reason = mayRead ? await openPrivacyNote(deps, row, row.reason_note_id) : null;
  return c.json(
    { ...toPrivacyDetail(row, { note, reason, events, link: null }), shopId: shopIdOf(row) },
    200,
  );
});

const OpenBody = z
  .strictObject({
    of: z.union([
      z.strictObject({ shopId: idField<ShopId>("shop"), customerId: idField<CustomerId>("cus") }),
      z.strictObject({ accountId: idField<AccountId>("acc") }),
    ]),
    kind: PrivacyKindSchema,
    objectsTo: ObjectsToSchema.optional(),
    note: noteField,
  })
  .openapi("OpenPrivacyCase");

const openRoute = createRoute(
  idempotent(
    scoped("privacyRequests.decide", {
      operationId: "openPrivacyCase",
      method: "post",
      path,
      tags,
      description:
        "For a person who wrote to the platform, and whom you know to be whose data it is. A customer's request goes to their shop; when that is silent for 20 days it is carried out.",
      request: { body: jsonBody(OpenBody) },
      responses: { 201: jsonAnswer("The request", CreatedPrivacyRequestSchema), ...problems(404, 409) },
    }),
    async (c) => created(c, await readRow(c, c.var.effect.id as PrivacyRequestId)),
  ),
);

privacyCaseRoutes.openapi(openRoute, async (c) => {
  const { of, ...asked } = c.req.valid("json");
  const by = { kind: "admin", accountId: c.var.actor.accountId } as const;
  const whose =
    "accountId" in of
      ? ({ shopId: platformShopId, subjectId: accountSubject(of.accountId), subjectKind: "account" } as const)
      : ({ shopId: of.shopId, subjectId: of.customerId, subjectKind: "customer" } as const);
  const row = await openPrivacyRequest(c, { ...asked, ...whose, door: "compliance", proof: "staff", by });
  return c.json(await created(c, row), 201);
});

async function created(c: Context<ApiEnv>, row: PrivacyRequestRow) {
  // The code is the person's: by it whoever has it gets their copy.
  return { ...toPrivacyRequest(row), statusUrl: null };
}

const DecideBody = z
  .union([
    z.strictObject({ decision: z.enum(["carry_out", "corrected"]) }),
    z.strictObject({
      decision: z.literal("deny"),
      denial: z.enum(privacyDenials),
      reason: textOf(1_000).min(1).optional(),
    }),
  ])
  .openapi("DecidePrivacyRequest");

const decideRoute = createRoute(
  idempotent(
    scoped("privacyRequests.decide", {
      operationId: "decidePrivacyRequest",
      method: "post",
      path: `${path}/{privacyRequestId}/decide`,
      tags,
      description: "In the place of a shop that does not answer, or about an account; never about your own.",
      request: { params, body: jsonBody(DecideBody) },
      responses: {
        200: jsonAnswer("The request as it is now", CaseSummarySchema),
        ...problems(404, 409, 503, 504),
      },
    }),
    async (c) => toSummary(await readRow(c, requestIdOf(c))),
  ),
);

privacyCaseRoutes.openapi(decideRoute, async (c) => {
  const body = c.req.valid("json");
  const row = await readRow(c, requestIdOf(c));
  const decided = { by: decisionBy(c.var.actor), as: "admin" as const };
  const asked: AskedPrivacy =
    body.decision === "deny"
      ? {
          name: "denyPrivacyRequest",
          request: {
            ...decided,
            denial: body.denial,
            reasonNoteId: await storeReason(c, row, body.reason),
          },
        }
      : { name: "answerPrivacyRequest", request: { ...decided, answer: body.decision } };
  return c.json(toSummary(await decidePrivacyRequest(c, row, asked, () => readRow(c, row.id))), 200);
});

function requestIdOf(c: Context<ApiEnv>): PrivacyRequestId {
  return pathId<PrivacyRequestId>("pvr", c.req.param("privacyRequestId") ?? "");
}

async function readRow(c: Context<ApiEnv>, requestId: PrivacyRequestId): Promise<PrivacyRequestRow> {
  return found(await findPrivacyRequestOfAnyShop(c.var.deps.admin, requestId), "pvr");
}
