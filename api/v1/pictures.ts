import { createRoute, z } from "@hono/zod-openapi";

import { findObject, objectKeyPlace } from "../../db/objects.ts";
import type { ObjectRow } from "../../db/objects.ts";
import type { ObjectId } from "../../domain/id.ts";
import type { ApiDeps } from "../deps.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { auditViewing } from "./audit.ts";
import { found, notFound, pathId, pathParams } from "./fields.schema.ts";
import { SignedQuery, isLinkValid, linkExpired } from "./signed-links.ts";

export const pictureRoutes = createRouter();

export const pictureAnswer = {
  description: "A JPEG, drawn anew from what was sent",
  content: { "image/jpeg": { schema: z.string().openapi({ format: "binary" }) } },
};

const route = createRoute(
  scoped("payments.read", {
    operationId: "getPicture",
    method: "get",
    path: "/v1/pictures/{objectId}",
    tags: ["Payments"],
    description: "Serves the picture of a link that another answer gave. Never build such a link.",
    request: {
      params: pathParams("objectId", "obj"),
      query: SignedQuery,
    },
    responses: {
      200: pictureAnswer,
      ...problems(404),
    },
  }),
);

pictureRoutes.openapi(route, async (c) => {
  const { deps, actor } = c.var;
  const objectId = pathId<ObjectId>("obj", c.req.valid("param").objectId);
  const { shopId } = actor;
  const object = found(await deps.db.withShop(shopId, (trx) => findObject(trx, { shopId, objectId })), "obj");
  const link = { kind: "picture.link", id: objectId, ...c.req.valid("query") } as const;
  if (!(await isLinkValid(deps, actor, link))) throw linkExpired("picture.link_expired");
  const bytes = await openPicture(deps, object);
  await deps.db.withShop(shopId, (trx) =>
    auditViewing(trx, c, { action: "picture.viewed", subjectId: object.subject_id, resourceId: objectId }),
  );
  return c.body(new Uint8Array(bytes), 200, privatePictureHeaders);
});

/** Even if a byte sequence fooled us, no browser would run it. */
export const pictureHeaders = {
  "content-type": "image/jpeg",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; sandbox",
};

/** Of a picture that is one person's to see. */
export const privatePictureHeaders = {
  ...pictureHeaders,
  "cache-control": "private, no-store",
  "content-disposition": 'attachment; filename="picture.jpg"',
  "cross-origin-resource-policy": "same-origin",
};

/** Not found when the key of whoever it concerns is destroyed. */
export async function openPicture(
  { sealer, objects }: Pick<ApiDeps, "sealer" | "objects">,
  object: ObjectRow,
): Promise<Buffer> {
  const [key] = await sealer.open([{ place: objectKeyPlace(object), sealed: object.sealed_key }]);
  if (key === undefined) throw notFound("obj");
  return objects.get(object.id, key);
}
