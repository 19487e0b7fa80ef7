import { createRoute, z } from "@hono/zod-openapi";

import {
  listOwedMoney,
  listUpgradeQueue,
  viewUpgradeCase,
  viewUpgradeEvidence,
  viewUpgradePicture,
} from "../../../db/admin-upgrades.ts";
import type { GatewayPaymentId, UpgradeRequestId, UploadId } from "../../../domain/id.ts";
import { toTypeId } from "../../../domain/id.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { found, pathId, pathParams } from "../fields.schema.ts";
import { listQuery, readIdCursor, toPage } from "../list.ts";
import { pictureAnswer, privatePictureHeaders } from "../pictures.ts";
import { jsonAnswer } from "../route-parts.ts";
import { SignedQuery } from "../signed-links.ts";
import { openStoredNote } from "../upgrade-notes.ts";
import { checkPictureLink, openUpload, upgradePictureLink } from "../uploads.ts";
import { toSubscription } from "../upgrade.schema.ts";
import { lookOf } from "./look-of.ts";
import {
  OwedMoneyPageSchema,
  QueueQuery,
  UpgradeCaseSchema,
  UpgradeEvidenceSchema,
  UpgradeQueueSchema,
  toCaseSummary,
  toOwedMoney,
} from "./upgrade-case.schema.ts";

export const upgradeQueueRoutes = createRouter();

const params = pathParams("upgradeRequestId", "upg");

const listRoute = createRoute(
  scoped("upgrades.read", {
    operationId: "listUpgradeQueue",
    method: "get",
    path: "/v1/admin/upgrade-requests",
    tags: ["Admin: upgrades"],
    description: "Requests of all shops in one state, the oldest request first.",
    request: { query: QueueQuery },
    responses: { 200: jsonAnswer("The queue", UpgradeQueueSchema) },
  }),
);

upgradeQueueRoutes.openapi(listRoute, async (c) => {
  const { limit, cursor, state } = c.req.valid("query");
  const { before: after } = readIdCursor<UpgradeRequestId>(cursor);
  const filter = { state, limit: limit + 1, ...(after === undefined ? {} : { after }) };
  const page = toPage(await listUpgradeQueue(c.var.deps.admin, filter), limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(toCaseSummary) }, 200);
});

const moneyRoute = createRoute(
  scoped("upgrades.read", {
    operationId: "listUpgradeMoney",
    method: "get",
    path: "/v1/admin/upgrade-money",
    tags: ["Admin: upgrades"],
    description:
      "Money of all shops that came by code, bought nothing and is not given back; the oldest first.",
    request: { query: z.strictObject({ ...listQuery }) },
    responses: { 200: jsonAnswer("The money", OwedMoneyPageSchema) },
  }),
);

upgradeQueueRoutes.openapi(moneyRoute, async (c) => {
  const { limit, cursor } = c.req.valid("query");
  const { before: after } = readIdCursor<GatewayPaymentId>(cursor);
  const filter = { limit: limit + 1, ...(after === undefined ? {} : { after }) };
  const page = toPage(await listOwedMoney(c.var.deps.admin, filter), limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(toOwedMoney) }, 200);
});

const caseRoute = createRoute(
  scoped("upgrades.read", {
    operationId: "getUpgradeCase",
    method: "get",
    path: "/v1/admin/upgrade-requests/{upgradeRequestId}",
    tags: ["Admin: upgrades"],
    description: "One request and what its shop has now. The look stands in the shop's log.",
    request: { params },
    responses: { 200: jsonAnswer("The case", UpgradeCaseSchema), ...problems(404) },
  }),
);

upgradeQueueRoutes.openapi(caseRoute, async (c) => {
  const { deps } = c.var;
  const requestId = pathId<UpgradeRequestId>("upg", c.req.valid("param").upgradeRequestId);
  const view = found(await viewUpgradeCase(deps.admin, requestId, lookOf(c, "upgrade.viewed")), "upg");
  const reason = await openStoredNote(deps, { shopId: view.request.shop_id, requestId }, view.notes);
  const subscription = toSubscription(view.subscription);
  return c.json({ ...toCaseSummary(view.request), reason, subscription }, 200);
});

const evidenceRoute = createRoute(
  scoped("upgrades.decide", {
    operationId: "getUpgradeEvidence",
    method: "get",
    path: "/v1/admin/upgrade-requests/{upgradeRequestId}/evidence",
    tags: ["Admin: upgrades"],
    description: "What the owner handed in last. Each look stands in the shop's log.",
    request: { params },
    responses: {
      200: jsonAnswer("The payment reference, and a link to the picture", UpgradeEvidenceSchema),
      ...problems(404),
    },
  }),
);

upgradeQueueRoutes.openapi(evidenceRoute, async (c) => {
  const { deps, actor } = c.var;
  const requestId = pathId<UpgradeRequestId>("upg", c.req.valid("param").upgradeRequestId);
  const look = lookOf(c, "upgrade_evidence.viewed");
  const { request, notes } = found(await viewUpgradeEvidence(deps.admin, requestId, look), "upg");
  const reference = await openStoredNote(deps, { shopId: request.shop_id, requestId }, notes);
  const uploadId = request.upload_id;
  const picture =
    uploadId === null ? null : await upgradePictureLink(deps, actor, "/v1/admin/upgrade-pictures", uploadId);
  const evidenceId = uploadId === null ? null : toTypeId("upl", uploadId);
  return c.json({ evidenceId, reference, picture }, 200);
});

const pictureRoute = createRoute(
  scoped("upgrades.decide", {
    operationId: "getUpgradeCasePicture",
    method: "get",
    path: "/v1/admin/upgrade-pictures/{pictureId}",
    tags: ["Admin: upgrades"],
    description: "Serves the picture of a link that another answer gave. Never build such a link.",
    request: { params: pathParams("pictureId", "upl"), query: SignedQuery },
    responses: { 200: pictureAnswer, ...problems(404) },
  }),
);

upgradeQueueRoutes.openapi(pictureRoute, async (c) => {
  const { deps } = c.var;
  const uploadId = pathId<UploadId>("upl", c.req.valid("param").pictureId);
  await checkPictureLink(c, uploadId, c.req.valid("query"));
  const look = lookOf(c, "upgrade_picture.viewed");
  const upload = found(await viewUpgradePicture(deps.admin, uploadId, look), "upl");
  const bytes = await openUpload(deps, upload);
  return c.body(new Uint8Array(bytes), 200, privatePictureHeaders);
});
