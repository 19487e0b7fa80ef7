import { createRoute, z } from "@hono/zod-openapi";

import { findObject, objectKeyPlace } from "../../db/objects.ts";
import type { ObjectRow } from "../../db/objects.ts";
import { AppError } from "../../domain/app-error.ts";
import type { ObjectId } from "../../domain/id.ts";
import type { ApiDeps } from "../deps.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { auditViewing } from "./audit.ts";
import { found, notFound, pathId, pathParams } from "./fields.schema.ts";
import { isPictureLinkValid } from "./picture-links.ts";

export const pictureRoutes = createRouter();

const route = createRoute(
  scoped("payments.read", {
    operationId: "getPicture",
    method: "get",
    path: "/v1/pictures/{objectId}",
    tags: ["Payments"],
    description: "Serves the picture of a link that another answer gave. Never build such a link.",
    request: {
      params: pathParams("objectId", "obj"),
      query: z.strictObject({
        expires: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER),
        signature: z.string().max(100),
      }),
    },
    responses: {
      200: {
        description: "A JPEG, drawn anew from what was sent",
        content: { "image/jpeg": { schema: z.string().openapi({ format: "binary" }) } },
      },
      ...problems(404),
    },
  }),
);

pictureRoutes.openapi(route, async (c) => {
  const { deps, actor } = c.var;
  const objectId = pathId<ObjectId>("obj", c.req.valid("param").objectId);
  const { shopId } = actor;
  const object = found(await deps.db.withShop(shopId, (trx) => findObject(trx, { shopId, objectId })), "obj");
  if (!(await isPictureLinkValid(deps, actor, { objectId, ...c.req.valid("query") }))) throw linkExpired();
  const bytes = await openPicture(deps, object);
  await deps.db.withShop(shopId, (trx) =>
    auditViewing(trx, c, { action: "picture.viewed", subjectId: object.subject_id, resourceId: objectId }),
  );
  return c.body(new Uint8Array(bytes), 200, {
    ...pictureHeaders,
    "cache-control": "private, no-store",
    "content-disposition": 'attachment; filename="picture.jpg"',
    "cross-origin-resource-policy": "same-origin",
  });
});

/** Even if a byte sequence fooled us, no browser would run it. */
export const pictureHeaders = {
  "content-type": "image/jpeg",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; sandbox",
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

function linkExpired(): AppError {
  return new AppError("forbidden", "picture.link_expired", {
    internal: "the link is expired, or of another session",
    public: "This link has expired, or was made for somebody else. Read the resource again for a new one.",
  });
}
