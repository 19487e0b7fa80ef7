import { z } from "@hono/zod-openapi";

import { toTypeId } from "../../domain/id.ts";
import type { ObjectId } from "../../domain/id.ts";
import type { Actor } from "../auth/actor.ts";
import { TimeSchema } from "./fields.schema.ts";
import { signLink } from "./signed-links.ts";
import type { Signer } from "./signed-links.ts";

export const PictureSchema = z
  .object({
    url: z.string().openapi({
      description: "Path on this server, for the session or API key that asked, for five minutes. Audited.",
    }),
    expiresAt: TimeSchema,
  })
  .openapi("Picture");

export type Picture = z.infer<typeof PictureSchema>;

/** A link to a sealed picture that opens for this very session or key only. */
export function pictureLink(deps: Signer, actor: Actor, objectId: ObjectId): Promise<Picture> {
  const path = `/v1/pictures/${toTypeId("obj", objectId)}`;
  return signLink(deps, actor, { kind: "picture.link", path, id: objectId });
}
