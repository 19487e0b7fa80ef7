import { createRoute, z } from "@hono/zod-openapi";

import {
  addPayoutUpload,
  findPayoutEvidence,
  findPayoutOfAny,
  storePayoutUpload,
  viewPayoutPicture,
} from "../../../db/admin-payouts.ts";
import { insertLooseObjects } from "../../../db/loose-objects.ts";
import { payoutObjectOf, payoutUploadPlace } from "../../../db/payout-uploads.ts";
import { AppError } from "../../../domain/app-error.ts";
import { newId, toTypeId } from "../../../domain/id.ts";
import type { PayoutId, UploadId } from "../../../domain/id.ts";
import type { Actor } from "../../auth/actor.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { found, idText, notFound, pathId, pathParams } from "../fields.schema.ts";
import type { Picture } from "../picture-links.ts";
import { pictureAnswer, privatePictureHeaders } from "../pictures.ts";
import { jsonAnswer, pictureBody } from "../route-parts.ts";
import { SignedQuery, isLinkValid, linkExpired, signLink } from "../signed-links.ts";
import type { Signer } from "../signed-links.ts";
import { drawEvidence, maxUploadBytes, readPicture } from "../store-picture.ts";
import { UploadSchema, received } from "../uploads.ts";
import { adminOf } from "./admin-of.ts";
import { lookOf } from "./look-of.ts";

export const payoutEvidenceRoutes = createRouter();

/** A picture that is not recorded within this is removed: it shows where a participant is paid to. */
const keptUnrecordedMs = 24 * 60 * 60_000;

const createUploadRoute = createRoute(
  scoped("payouts.propose", {
    operationId: "createPayoutUpload",
    method: "post",
    path: "/v1/admin/payouts/{payoutId}/uploads",
    tags: ["Admin: payouts"],
    description: "A place for one picture: the proof that the money of this payout was sent.",
    request: { params: pathParams("payoutId", "pout") },
    responses: { 201: jsonAnswer("Where to put the picture", UploadSchema), ...problems(404, 409) },
  }),
);

payoutEvidenceRoutes.openapi(createUploadRoute, async (c) => {
  const { deps, actor } = c.var;
  const payoutId = pathId<PayoutId>("pout", c.req.valid("param").payoutId);
  const payout = found(await findPayoutOfAny(deps.admin, payoutId), "pout");
  if (payout.state !== "executing") throw noEvidence(payout.state);
  const uploadId = newId<UploadId>();
  const path = `/v1/admin/payout-uploads/${toTypeId("upl", uploadId)}`;
  const link = await signLink(deps, actor, { kind: "upload.link", path, id: uploadId });
  const now = deps.clock.now();
  await addPayoutUpload(deps.admin, { uploadId, payoutId, by: adminOf(c), now });
  return c.json({ id: toTypeId("upl", uploadId), ...link, maxBytes: maxUploadBytes }, 201);
});

const putRoute = createRoute(
  scoped("payouts.propose", {
    operationId: "putPayoutUpload",
    method: "put",
    path: "/v1/admin/payout-uploads/{uploadId}",
    tags: ["Admin: payouts"],
    description:
      "Takes the picture of a link that `createPayoutUpload` gave: JPEG, PNG or WebP by its content. Drawn anew, and removed when the payout is not recorded with it within a day.",
    request: { params: pathParams("uploadId", "upl"), query: SignedQuery, body: pictureBody },
    responses: {
      200: jsonAnswer(
        "It is there: record the payout with it",
        z.object({ id: idText("upl") }).openapi("ReceivedPayoutUpload"),
      ),
      ...problems(404, 409, 503),
    },
  }),
);

payoutEvidenceRoutes.openapi(putRoute, async (c) => {
  const { deps, actor } = c.var;
  const uploadId = pathId<UploadId>("upl", c.req.valid("param").uploadId);
  const { upload, participantId } = found(await findPayoutEvidence(deps.admin, uploadId), "upl");
  const link = { kind: "upload.link", id: uploadId, ...c.req.valid("query") } as const;
  if (!(await isLinkValid(deps, actor, link))) throw linkExpired("upload.link_expired");
  if (upload.received_at !== null) throw received();
  const picture = await drawEvidence(deps, await readPicture(c));
  const now = deps.clock.now();
  const objectId = payoutObjectOf(uploadId);
  const note = { shopId: actor.shopId, objectIds: [objectId] };
  const dueAt = new Date(now.getTime() + keptUnrecordedMs);
  await deps.db.withShop(actor.shopId, (trx) => insertLooseObjects(trx, { ...note, dueAt }));
  const { key, size } = await deps.objects.put(objectId, picture);
  const [sealedKey] = await deps.sealer.seal([
    { place: payoutUploadPlace(participantId, uploadId), plaintext: key },
  ]);
  if (sealedKey === undefined) throw new TypeError("nothing was sealed");
  if (!(await storePayoutUpload(deps.admin, { uploadId, sealedKey, size, now }))) throw received();
  return c.json({ id: toTypeId("upl", uploadId) }, 200);
});

const pictureRoute = createRoute(
  scoped("payouts.evidence", {
    operationId: "getPayoutPicture",
    method: "get",
    path: "/v1/admin/payout-pictures/{pictureId}",
    tags: ["Admin: payouts"],
    description: "Serves the picture of a link that another answer gave. Never build such a link.",
    request: { params: pathParams("pictureId", "upl"), query: SignedQuery },
    responses: { 200: pictureAnswer, ...problems(404) },
  }),
);

payoutEvidenceRoutes.openapi(pictureRoute, async (c) => {
  const { deps, actor } = c.var;
  const uploadId = pathId<UploadId>("upl", c.req.valid("param").pictureId);
  const link = { kind: "payout_picture.link", id: uploadId, ...c.req.valid("query") } as const;
  if (!(await isLinkValid(deps, actor, link))) throw linkExpired("picture.link_expired");
  const look = lookOf(c, "payout_picture.viewed");
  const { upload, participantId } = found(await viewPayoutPicture(deps.admin, uploadId, look), "upl");
  if (upload.sealed_key === null) throw notFound("upl");
  const place = payoutUploadPlace(participantId, uploadId);
  const [key] = await deps.sealer.open([{ place, sealed: upload.sealed_key }]);
  if (key === undefined) throw notFound("upl");
  const bytes = await deps.objects.get(payoutObjectOf(uploadId), key);
  return c.body(new Uint8Array(bytes), 200, privatePictureHeaders);
});

/** A link to the evidence that opens for this very session only. */
export function payoutPictureLink(deps: Signer, actor: Actor, uploadId: UploadId): Promise<Picture> {
  const path = `/v1/admin/payout-pictures/${toTypeId("upl", uploadId)}`;
  return signLink(deps, actor, { kind: "payout_picture.link", path, id: uploadId });
}

function noEvidence(state: string): AppError {
  return new AppError("conflict", `payout.${state}`, {
    internal: "the payout does not wait for evidence",
    public: "No money of this payout is on its way.",
  });
}
