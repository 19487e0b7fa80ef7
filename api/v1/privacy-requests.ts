import { createRoute } from "@hono/zod-openapi";
import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { accountSubject, platformShopId } from "../../db/accounts.ts";
import { findPrivacyRequest, listPrivacyEvents, listPrivacyRequests } from "../../db/privacy-requests.ts";
import type { PrivacyRequestRow } from "../../db/privacy-requests.ts";
import { AppError } from "../../domain/app-error.ts";
import type { AccountId, CustomerId, PrivacyRequestId } from "../../domain/id.ts";
import type { PrivacyRole } from "../../workflows/privacy-request.contract.ts";
import { demandActorAccepted } from "../auth/policies-in-force.ts";
import { demandStepUp } from "../auth/step-up.ts";
import type { ApiEnv } from "../env.ts";
import { idempotent } from "../idempotency.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { auditViewing } from "./audit.ts";
import { decidePrivacyRequest, openPrivacyNote, storeReason } from "./decide-privacy-request.ts";
import type { AskedPrivacy } from "./decide-privacy-request.ts";
import { decisionBy } from "./decision-by.ts";
import { found, pathId, pathParams } from "./fields.schema.ts";
import { packageLinkOf } from "../privacy/package-link.ts";
import { readIdCursor, toPage } from "./list.ts";
import { openPrivacyRequest, statusUrlFor } from "./open-privacy-request.ts";
import type { Opening } from "./open-privacy-request.ts";
import {
  AnswerBody,
  CreatePrivacyRequestBody,
  CreatedPrivacyRequestSchema,
  DenyBody,
  PrivacyListQuery,
  PrivacyRequestDetailSchema,
  PrivacyRequestPageSchema,
  PrivacyRequestSchema,
  toPrivacyDetail,
  toPrivacyRequest,
} from "./privacy-requests.schema.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const privacyRequestRoutes = createRouter();

const params = pathParams("privacyRequestId", "pvr");
const tags = ["Privacy"];

const createRequestRoute = createRoute(
  idempotent(
    scoped("privacy.write", {
      operationId: "createPrivacyRequest",
      method: "post",
      path: "/v1/privacy-requests",
      tags,
      description:
        "What a person asks about their data: a customer, on whose behalf you act, or yourself. A customer's deletion begins after a day in which they can take it back; that of your account after a week, and it asks for a fresh step-up. Use of the data stops at once.",
      request: { body: jsonBody(CreatePrivacyRequestBody) },
      responses: { 201: jsonAnswer("The request", CreatedPrivacyRequestSchema), ...problems(404, 409) },
    }),
    async (c) => created(c, await readCreated(c)),
  ),
);

privacyRequestRoutes.openapi(createRequestRoute, async (c) => {
  const { customerId, ...asked } = c.req.valid("json");
  const opening = { ...asked, ...(await whoseIs(c, customerId)) };
  // A copy of an owner's data is one of all their shops.
  const isGuarded = ["deletion", "access", "portability"].includes(asked.kind);
  if (opening.subjectKind === "account" && isGuarded) demandStepUp(c);
  return c.json(await created(c, await openPrivacyRequest(c, opening)), 201);
});

/** The one that was made; else the open one that was answered in its stead. */
async function readCreated(c: Context<ApiEnv>): Promise<PrivacyRequestRow> {
  const { customerId, kind } = CreatePrivacyRequestBody.parse(await c.req.json());
  const { shopId, subjectId } = await whoseIs(c, customerId);
  const requestId = c.var.effect.id as PrivacyRequestId;
  const rows = await c.var.deps.db.withShop(shopId, (trx) =>
    listPrivacyRequests(trx, { shopId, subjectId, limit: 100 }),
  );
  return found(rows.find(({ id }) => id === requestId) ?? rows.find((row) => row.kind === kind), "pvr");
}

type Whose = Pick<Opening, "shopId" | "subjectId" | "subjectKind" | "door" | "proof" | "by">;

/** For themselves also who has not accepted what changed. */
async function whoseIs(c: Context<ApiEnv>, customerId: CustomerId | undefined): Promise<Whose> {
  if (customerId === undefined) return ofAccount(c);
  await demandActorAccepted(c);
  return ofCustomer(c, customerId);
}

function ofCustomer(c: Context<ApiEnv>, customerId: CustomerId): Whose {
  const { shopId, accountId } = c.var.actor;
  const by = { kind: "owner", accountId } as const;
  return { shopId, subjectId: customerId, subjectKind: "customer", door: "owner", proof: "owner", by };
}

function ofAccount(c: Context<ApiEnv>): Whose {
  const accountId = demandAccount(c);
  const subjectId = accountSubject(accountId);
  const by = { kind: "person", accountId } as const;
  return { shopId: platformShopId, subjectId, subjectKind: "account", door: "account", proof: "session", by };
}

function demandAccount({ var: { actor } }: Context<ApiEnv>): AccountId {
  if (actor.accountId !== null) return actor.accountId;
  throw new AppError("forbidden", "account.none", {
    internal: "a key has no account",
    public: "A key has no data of its own: name the customer.",
  });
}

async function created(c: Context<ApiEnv>, row: PrivacyRequestRow) {
  return { ...toPrivacyRequest(row), statusUrl: await statusUrlFor(c, row) };
}

const listRoute = createRoute(
  scoped("privacy.read", {
    operationId: "listPrivacyRequests",
    method: "get",
    path: "/v1/privacy-requests",
    tags,
    request: { query: PrivacyListQuery },
    responses: { 200: jsonAnswer("The requests, newest first", PrivacyRequestPageSchema) },
  }),
);

privacyRequestRoutes.openapi(listRoute, async (c) => {
  const { limit, cursor, of, customerId, state } = c.req.valid("query");
  const { shopId } = c.var.actor;
  if (of === "shop") await demandActorAccepted(c);
  const whose =
    of === "shop"
      ? { shopId, subjectId: customerId }
      : { shopId: platformShopId, subjectId: accountSubject(demandAccount(c)) };
  const filter = { ...whose, state, limit: limit + 1, ...readIdCursor<PrivacyRequestId>(cursor) };
  const rows = await c.var.deps.db.withShop(whose.shopId, (trx) => listPrivacyRequests(trx, filter));
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(toPrivacyRequest) }, 200);
});

const getRoute = createRoute(
  scoped("privacy.read", {
    operationId: "getPrivacyRequest",
    method: "get",
    path: "/v1/privacy-requests/{privacyRequestId}",
    tags,
    request: { params },
    responses: { 200: jsonAnswer("The request and its story", PrivacyRequestDetailSchema), ...problems(404) },
  }),
);

privacyRequestRoutes.openapi(getRoute, async (c) => {
  const { deps } = c.var;
  const row = await readRow(c, requestIdOf(c));
  const { shop_id: shopId, id: requestId, subject_id: subjectId } = row;
  const events = await deps.db.withShop(shopId, (trx) => listPrivacyEvents(trx, { shopId, requestId }));
  if (row.subject_kind === "customer" && subjectId !== null) {
    await deps.db.withShop(shopId, (trx) =>
      auditViewing(trx, c, { action: "privacy_request.viewed", subjectId, resourceId: requestId }),
    );
  }
  const note = await openPrivacyNote(deps, row, row.note_id);
  const reason = await openPrivacyNote(deps, row, row.reason_note_id);
  const link = await packageLinkOf(deps, { shopId, requestId, kind: row.kind });
  return c.json(toPrivacyDetail(row, { note, reason, events, link }), 200);
});

const cancelRoute = createRoute(
  decision("cancelPrivacyRequest", "cancel", {
    request: { params },
    description:
      "Takes back what you asked for yourself, until it is carried out. What a customer asked for is theirs: it can only be denied.",
  }),
);

privacyRequestRoutes.openapi(cancelRoute, async (c) => {
  const row = await readRow(c, requestIdOf(c));
  const request = { by: decisionBy(c.var.actor), as: roleOn(row) };
  return c.json(await decide(c, row, { name: "cancelPrivacyRequest", request }), 200);
});

const denyRoute = createRoute(
  withBody("denyPrivacyRequest", "deny", {
    body: DenyBody,
    description:
      "Ends a customer's request that is not carried out yet. They are told why, and how to have the platform look at it.",
  }),
);

privacyRequestRoutes.openapi(denyRoute, async (c) => {
  const { denial, reason } = c.req.valid("json");
  const row = await readCustomersRow(c);
  const reasonNoteId = await storeReason(c, row, reason);
  const request = { by: decisionBy(c.var.actor), as: "owner" as const, denial, reasonNoteId };
  return c.json(await decide(c, row, { name: "denyPrivacyRequest", request }), 200);
});

const answerRoute = createRoute(
  withBody("answerPrivacyRequest", "answer", {
    body: AnswerBody,
    description:
      "Of a request that waits for you (`with_owner`): it is carried out, or you have corrected the data. When you stay silent for 20 days the platform carries it out.",
  }),
);

privacyRequestRoutes.openapi(answerRoute, async (c) => {
  const row = await readCustomersRow(c);
  const request = { by: decisionBy(c.var.actor), as: "owner" as const, ...c.req.valid("json") };
  return c.json(await decide(c, row, { name: "answerPrivacyRequest", request }), 200);
});

function withBody<const Name extends string, Body extends z.ZodType>(
  operationId: Name,
  verb: string,
  { body, description }: { body: Body; description: string },
) {
  const request = { params, body: jsonBody(body) };
  return decision(operationId, verb, { description, request });
}

function decision<const Name extends string, Request extends { params: typeof params }>(
  operationId: Name,
  verb: string,
  { description, request }: { description: string; request: Request },
) {
  return idempotent(
    scoped("privacy.write", {
      operationId,
      method: "post",
      path: `/v1/privacy-requests/{privacyRequestId}/${verb}`,
      tags,
      description,
      request,
      responses: {
        200: jsonAnswer("The request as it is now", PrivacyRequestSchema),
        ...problems(404, 409, 503, 504),
      },
    }),
    async (c) => toPrivacyRequest(await readRow(c, requestIdOf(c))),
  );
}

async function decide(c: Context<ApiEnv>, row: PrivacyRequestRow, asked: AskedPrivacy) {
  if (row.door === "age_report") throw ofReport(row);
  return toPrivacyRequest(await decidePrivacyRequest(c, row, asked, () => readRow(c, row.id)));
}

function ofReport({ id }: PrivacyRequestRow): AppError {
  return new AppError("conflict", "privacy_request.of_age_report", {
    internal: `an age report began ${id}`,
    public: "An age report began this deletion: decide the report (see decideAgeReport).",
  });
}

function roleOn({ subject_kind: subjectKind }: PrivacyRequestRow): PrivacyRole {
  return subjectKind === "account" ? "account" : "owner";
}

function requestIdOf(c: Context<ApiEnv>): PrivacyRequestId {
  return pathId<PrivacyRequestId>("pvr", c.req.param("privacyRequestId") ?? "");
}

/** About one's own account nobody decides for the platform. */
async function readCustomersRow(c: Context<ApiEnv>): Promise<PrivacyRequestRow> {
  const row = await readRow(c, requestIdOf(c));
  return found(row.subject_kind === "customer" ? row : undefined, "pvr");
}

/** Of the shop, or about the actor's own account. */
async function readRow(c: Context<ApiEnv>, requestId: PrivacyRequestId): Promise<PrivacyRequestRow> {
  const { deps, actor } = c.var;
  const { shopId, accountId } = actor;
  const row = await deps.db.withShop(shopId, (trx) => findPrivacyRequest(trx, { shopId, requestId }));
  if (row !== undefined || accountId === null) {
    await demandActorAccepted(c);
    return found(row, "pvr");
  }
  const ref = { shopId: platformShopId, requestId };
  const own = await deps.db.withShop(platformShopId, (trx) => findPrivacyRequest(trx, ref));
  return found(own?.subject_id === accountSubject(accountId) ? own : undefined, "pvr");
}
