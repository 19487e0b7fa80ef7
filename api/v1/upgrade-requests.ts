import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { findUpgradeRequest, listUpgradeRequests } from "../../db/upgrade-requests.ts";
import type { UpgradeRequestRow } from "../../db/upgrade-requests.ts";
import type { UpgradeRequestId, UploadId } from "../../domain/id.ts";
import { startOverWhenEpochCloses } from "../../domain/start-over.ts";
import type { ApiEnv } from "../env.ts";
import { idempotent } from "../idempotency.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { decideUpgrade } from "./decide-upgrade.ts";
import { decisionBy } from "./decision-by.ts";
import { found, idField, pathId, pathParams } from "./fields.schema.ts";
import { listQuery, readIdCursor, toPage } from "./list.ts";
import { openUpgradeNote, storeUpgradeNote } from "./upgrade-notes.ts";
import { openUpgrade } from "./open-upgrade.ts";
import { findUpgradePayment, isPayableByCode, payUpgradeByCode } from "./pay-upgrade.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";
import { upgradePictureLink } from "./uploads.ts";
import {
  RequestTopUpBody,
  RequestUpgradeBody,
  UpgradeRequestDetailSchema,
  UpgradeRequestPageSchema,
  UpgradeRequestSchema,
  referenceField,
  toUpgradeDetail,
  toUpgradePayment,
  toUpgradeRequest,
} from "./upgrade.schema.ts";

export const upgradeRequestRoutes = createRouter();

const params = pathParams("upgradeRequestId", "upg");

function requestIdOf(c: Context<ApiEnv>): UpgradeRequestId {
  return pathId<UpgradeRequestId>("upg", c.req.param("upgradeRequestId") ?? "");
}

const requestRoute = createRoute(
  idempotent(
    scoped("subscription.write", {
      operationId: "requestUpgrade",
      method: "post",
      path: "/v1/upgrade-requests",
      tags: ["Subscription"],
      description:
        "Asks for a plan at its price of now. Upload the proof of payment (`createUpload`), then hand it in (`submitUpgradeRequest`). One request at a time. Whose code comes with it has brought you, for life: only as long as nobody has, and no plan was paid for (`mayNameReferrer` of `getReferral`).",
      request: { body: jsonBody(RequestUpgradeBody) },
      responses: { 201: jsonAnswer("The request", UpgradeRequestSchema), ...problems(404, 409, 503) },
    }),
    async (c) => toUpgradeRequest(await readRow(c, c.var.effect.id as UpgradeRequestId)),
  ),
);

upgradeRequestRoutes.openapi(requestRoute, async (c) => {
  const requestId = c.var.effect.id as UpgradeRequestId;
  const { planCode: code, referralCode } = c.req.valid("json");
  const wanted = { kind: "plan" as const, code, referralCode: referralCode ?? null };
  await startOverWhenEpochCloses(() => openUpgrade(c, requestId, wanted));
  return c.json(toUpgradeRequest(await readRow(c, requestId)), 201);
});

const requestTopUpRoute = createRoute(
  idempotent(
    scoped("subscription.write", {
      operationId: "requestTopUp",
      method: "post",
      path: "/v1/top-up-requests",
      tags: ["Subscription"],
      description:
        "Asks for a package of credits at its price of now, without another plan. From then on it is a request as one for a plan: `createUpload`, `submitUpgradeRequest`. One request of either kind at a time.",
      request: { body: jsonBody(RequestTopUpBody) },
      responses: { 201: jsonAnswer("The request", UpgradeRequestSchema), ...problems(404, 409, 503) },
    }),
    async (c) => toUpgradeRequest(await readRow(c, c.var.effect.id as UpgradeRequestId)),
  ),
);

upgradeRequestRoutes.openapi(requestTopUpRoute, async (c) => {
  const requestId = c.var.effect.id as UpgradeRequestId;
  const wanted = { kind: "top_up" as const, code: c.req.valid("json").topUpCode };
  await startOverWhenEpochCloses(() => openUpgrade(c, requestId, wanted));
  return c.json(toUpgradeRequest(await readRow(c, requestId)), 201);
});

const listRoute = createRoute(
  scoped("subscription.read", {
    operationId: "listUpgradeRequests",
    method: "get",
    path: "/v1/upgrade-requests",
    tags: ["Subscription"],
    request: { query: z.strictObject({ ...listQuery }) },
    responses: { 200: jsonAnswer("The shop's requests, newest first", UpgradeRequestPageSchema) },
  }),
);

upgradeRequestRoutes.openapi(listRoute, async (c) => {
  const { deps, actor } = c.var;
  const { limit, cursor } = c.req.valid("query");
  const filter = { shopId: actor.shopId, limit: limit + 1, ...readIdCursor<UpgradeRequestId>(cursor) };
  const rows = await deps.db.withShop(actor.shopId, (trx) => listUpgradeRequests(trx, filter));
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(toUpgradeRequest) }, 200);
});

const getRoute = createRoute(
  scoped("subscription.read", {
    operationId: "getUpgradeRequest",
    method: "get",
    path: "/v1/upgrade-requests/{upgradeRequestId}",
    tags: ["Subscription"],
    request: { params },
    responses: {
      200: jsonAnswer("The request, with its evidence", UpgradeRequestDetailSchema),
      ...problems(404),
    },
  }),
);

upgradeRequestRoutes.openapi(getRoute, async (c) => {
  const { deps, actor } = c.var;
  const row = await readRow(c, requestIdOf(c));
  const reason = await openUpgradeNote(c, row, row.reason_note_id);
  const picture =
    row.upload_id === null
      ? null
      : await upgradePictureLink(deps, actor, "/v1/upgrade-pictures", row.upload_id);
  const payment = toUpgradePayment(await findUpgradePayment(c, row));
  const { payTo } = deps.settings.upgrades;
  const isPayable = isPayableByCode(deps.settings, row);
  return c.json(toUpgradeDetail(row, { payTo, reason, picture, payment, isPayableByCode: isPayable }), 200);
});

const payRoute = createRoute(
  idempotent(
    scoped("subscription.write", {
      operationId: "payUpgradeRequest",
      method: "post",
      path: "/v1/upgrade-requests/{upgradeRequestId}/pay",
      tags: ["Subscription"],
      description:
        "Asks the payment provider for a QR code over the price, instead of uploading a proof. Read the request until `payment.code` is there. When the provider says that it is paid, the request is approved without an admin.",
      request: { params },
      responses: { 200: jsonAnswer("The request", UpgradeRequestSchema), ...problems(404, 409) },
    }),
    async (c) => toUpgradeRequest(await readRow(c, requestIdOf(c))),
  ),
);

upgradeRequestRoutes.openapi(payRoute, async (c) => {
  const row = await readRow(c, requestIdOf(c));
  await payUpgradeByCode(c, row);
  return c.json(toUpgradeRequest(row), 200);
});

const SubmitBody = z
  .strictObject({
    uploadId: idField<UploadId>("upl"),
    reference: referenceField.openapi({ description: "The transfer's number, as the bank gave it." }),
  })
  .openapi("SubmitUpgradeRequest");

const submitRoute = createRoute(
  idempotent(
    scoped("subscription.write", {
      operationId: "submitUpgradeRequest",
      method: "post",
      path: "/v1/upgrade-requests/{upgradeRequestId}/submit",
      tags: ["Subscription"],
      description: "Hands the uploaded proof of payment in, at first or when the platform asked again.",
      request: { params, body: jsonBody(SubmitBody) },
      responses: {
        200: jsonAnswer("The request as it is now", UpgradeRequestSchema),
        ...problems(404, 409, 503, 504),
      },
    }),
    async (c) => toUpgradeRequest(await readRow(c, requestIdOf(c))),
  ),
);

upgradeRequestRoutes.openapi(submitRoute, async (c) => {
  const { uploadId, reference } = c.req.valid("json");
  const row = await readRow(c, requestIdOf(c));
  const ref = { shopId: row.shop_id, requestId: row.id };
  const referenceNoteId = await storeUpgradeNote(c, row, reference);
  const request = { by: decisionBy(c.var.actor), uploadId, referenceNoteId };
  const after = await decideUpgrade(c, ref, { name: "submitUpgrade", request }, () => readRow(c, row.id));
  return c.json(toUpgradeRequest(after), 200);
});

const cancelRoute = createRoute(
  idempotent(
    scoped("subscription.write", {
      operationId: "cancelUpgradeRequest",
      method: "post",
      path: "/v1/upgrade-requests/{upgradeRequestId}/cancel",
      tags: ["Subscription"],
      request: { params },
      responses: {
        200: jsonAnswer("The request as it is now", UpgradeRequestSchema),
        ...problems(404, 409, 503, 504),
      },
    }),
    async (c) => toUpgradeRequest(await readRow(c, requestIdOf(c))),
  ),
);

upgradeRequestRoutes.openapi(cancelRoute, async (c) => {
  const row = await readRow(c, requestIdOf(c));
  const ref = { shopId: row.shop_id, requestId: row.id };
  const request = { by: decisionBy(c.var.actor) };
  const after = await decideUpgrade(c, ref, { name: "cancelUpgrade", request }, () => readRow(c, row.id));
  return c.json(toUpgradeRequest(after), 200);
});

async function readRow(c: Context<ApiEnv>, requestId: UpgradeRequestId): Promise<UpgradeRequestRow> {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  return found(
    await deps.db.withShop(shopId, (trx) => findUpgradeRequest(trx, { shopId, requestId })),
    "upg",
  );
}
