import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import {
  countUploads,
  findUpload,
  insertUpload,
  receiveUpload,
  uploadKeyPlace,
} from "../../db/upgrade-evidence.ts";
import type { UploadRow } from "../../db/upgrade-evidence.ts";
import { findUpgradeRequest } from "../../db/upgrade-requests.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId, toTypeId } from "../../domain/id.ts";
import type { ObjectId, ShopId, UpgradeRequestId, UploadId } from "../../domain/id.ts";
import type { Actor } from "../auth/actor.ts";
import type { ApiDeps } from "../deps.ts";
import type { ApiEnv } from "../env.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import { TimeSchema, found, idField, idText, notFound, pathId, pathParams } from "./fields.schema.ts";
import type { Picture } from "./picture-links.ts";
import { pictureAnswer, privatePictureHeaders } from "./pictures.ts";
import { jsonAnswer, jsonBody, pictureBody } from "./route-parts.ts";
import { SignedQuery, isLinkValid, linkExpired, signLink } from "./signed-links.ts";
import type { Signer } from "./signed-links.ts";
import { drawEvidence, maxUploadBytes, readPicture } from "./store-picture.ts";

export const uploadRoutes = createRouter();

/** Blurred, cut off, the wrong picture: more tries than an honest owner needs. */
const maxUploads = 20;

export const UploadSchema = z
  .object({
    id: idText("upl"),
    url: z.string().openapi({
      description:
        "Path on this server: `PUT` the picture there, once, signed in as now, within five minutes.",
    }),
    expiresAt: TimeSchema,
    maxBytes: z.int(),
  })
  .openapi("Upload");

const createUploadRoute = createRoute(
  scoped("subscription.write", {
    operationId: "createUpload",
    method: "post",
    path: "/v1/uploads",
    tags: ["Subscription"],
    description: "A place for one picture: the proof of payment of a request that waits for it.",
    request: {
      body: jsonBody(
        z.strictObject({ upgradeRequestId: idField<UpgradeRequestId>("upg") }).openapi("CreateUpload"),
      ),
    },
    responses: { 201: jsonAnswer("Where to put the picture", UploadSchema), ...problems(404, 409) },
  }),
);

uploadRoutes.openapi(createUploadRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const { upgradeRequestId: requestId } = c.req.valid("json");
  const uploadId = newId<UploadId>();
  const path = `/v1/uploads/${toTypeId("upl", uploadId)}`;
  const link = await signLink(deps, actor, { kind: "upload.link", path, id: uploadId });
  await deps.db.withShop(shopId, async (trx) => {
    const request = found(await findUpgradeRequest(trx, { shopId, requestId }), "upg");
    demandAwaitsEvidence(request.state);
    if ((await countUploads(trx, { shopId, requestId })) >= maxUploads) throw tooMany();
    await insertUpload(trx, { shopId, requestId, uploadId, now: deps.clock.now() });
  });
  return c.json({ id: toTypeId("upl", uploadId), ...link, maxBytes: maxUploadBytes }, 201);
});

const putRoute = createRoute(
  scoped("subscription.write", {
    operationId: "putUpload",
    method: "put",
    path: "/v1/uploads/{uploadId}",
    tags: ["Subscription"],
    description:
      "Takes the picture of a link that `createUpload` gave: JPEG, PNG or WebP by its content. Drawn anew.",
    request: { params: pathParams("uploadId", "upl"), query: SignedQuery, body: pictureBody },
    responses: {
      200: jsonAnswer("It is there: hand it in", z.object({ id: idText("upl") }).openapi("ReceivedUpload")),
      ...problems(404, 409, 503),
    },
  }),
);

uploadRoutes.openapi(putRoute, async (c) => {
  const { deps, actor } = c.var;
  const uploadId = pathId<UploadId>("upl", c.req.valid("param").uploadId);
  const upload = await readUpload(c, uploadId);
  const link = { kind: "upload.link", id: uploadId, ...c.req.valid("query") } as const;
  if (!(await isLinkValid(deps, actor, link))) throw linkExpired("upload.link_expired");
  if (upload.received_at !== null) throw received();
  await storeEvidence(c, upload, await readPicture(c));
  return c.json({ id: toTypeId("upl", uploadId) }, 200);
});

/** Draws the picture anew and keeps it under the request's key; of two at once the first is kept. */
async function storeEvidence(c: Context<ApiEnv>, upload: UploadRow, bytes: Uint8Array): Promise<void> {
  const { deps } = c.var;
  const { shop_id: shopId, id: uploadId, request_id: requestId } = upload;
  const picture = await drawEvidence(deps, bytes);
  const place = uploadKeyPlace({ shopId, requestId, uploadId });
  const { key, size } = await deps.objects.put(objectOf(uploadId), picture);
  const [sealedKey] = await deps.sealer.seal([{ place, plaintext: key }]);
  if (sealedKey === undefined) throw new TypeError("nothing was sealed");
  await deps.db.withShop(shopId, async (trx) => {
    const request = found(await findUpgradeRequest(trx, { shopId, requestId }), "upl");
    demandAwaitsEvidence(request.state);
    const isFirst = await receiveUpload(trx, { shopId, uploadId, sealedKey, size, now: deps.clock.now() });
    if (!isFirst) throw received();
  });
}

const pictureRoute = createRoute(
  scoped("subscription.read", {
    operationId: "getUpgradePicture",
    method: "get",
    path: "/v1/upgrade-pictures/{pictureId}",
    tags: ["Subscription"],
    description: "Serves the picture of a link that another answer gave. Never build such a link.",
    request: { params: pathParams("pictureId", "upl"), query: SignedQuery },
    responses: { 200: pictureAnswer, ...problems(404) },
  }),
);

uploadRoutes.openapi(pictureRoute, async (c) => {
  const { deps } = c.var;
  const uploadId = pathId<UploadId>("upl", c.req.valid("param").pictureId);
  const upload = await readUpload(c, uploadId);
  await checkPictureLink(c, uploadId, c.req.valid("query"));
  const bytes = await openUpload(deps, upload);
  await deps.db.withShop(upload.shop_id, (trx) =>
    audit(trx, c, { action: "upgrade_picture.viewed", resourceId: uploadId }),
  );
  return c.body(new Uint8Array(bytes), 200, privatePictureHeaders);
});

/** A link to the picture that opens for this very session or key only; `path` is that of the route. */
export function upgradePictureLink(
  deps: Signer,
  actor: Actor,
  path: "/v1/upgrade-pictures" | "/v1/admin/upgrade-pictures",
  uploadId: UploadId,
): Promise<Picture> {
  const link = {
    kind: "upgrade_picture.link",
    path: `${path}/${toTypeId("upl", uploadId)}`,
    id: uploadId,
  } as const;
  return signLink(deps, actor, link);
}

export async function checkPictureLink(
  c: Context<ApiEnv>,
  uploadId: UploadId,
  query: { expires: number; signature: string },
): Promise<void> {
  const { deps, actor } = c.var;
  const link = { kind: "upgrade_picture.link", id: uploadId, ...query } as const;
  if (!(await isLinkValid(deps, actor, link))) throw linkExpired("picture.link_expired");
}

/** Not found when nothing came, or when the request's key is destroyed. */
export async function openUpload(
  { sealer, objects }: Pick<ApiDeps, "sealer" | "objects">,
  { shop_id: shopId, request_id: requestId, id: uploadId, sealed_key: sealed }: UploadRow,
): Promise<Buffer> {
  if (sealed === null) throw notFound("upl");
  const [key] = await sealer.open([{ place: uploadKeyPlace({ shopId, requestId, uploadId }), sealed }]);
  if (key === undefined) throw notFound("upl");
  return objects.get(objectOf(uploadId), key);
}

async function readUpload(c: Context<ApiEnv>, uploadId: UploadId): Promise<UploadRow> {
  const { deps, actor } = c.var;
  const { shopId }: { shopId: ShopId } = actor;
  return found(await deps.db.withShop(shopId, (trx) => findUpload(trx, { shopId, uploadId })), "upl");
}

/** The bytes have the upload's id. */
export function objectOf(uploadId: UploadId): ObjectId {
  return uploadId as string as ObjectId;
}

function demandAwaitsEvidence(state: string): void {
  if (state === "draft" || state === "asked_again") return;
  throw new AppError("conflict", `upgrade.${state}`, {
    internal: "the request does not wait for evidence",
    public: "This request does not wait for a picture.",
  });
}

export function received(): AppError {
  return new AppError("conflict", "upload.received", {
    internal: "the bytes are there",
    public: "This picture has arrived already.",
  });
}

function tooMany(): AppError {
  return new AppError("conflict", "upload.too_many", {
    internal: "the request has its limit of uploads",
    public: "Too many pictures for one request. Cancel it and make a new one.",
  });
}
