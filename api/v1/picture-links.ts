import { timingSafeEqual } from "node:crypto";
import { z } from "@hono/zod-openapi";

import { toTypeId } from "../../domain/id.ts";
import type { ObjectId } from "../../domain/id.ts";
import type { Actor } from "../auth/actor.ts";
import type { ApiDeps } from "../deps.ts";
import { TimeSchema } from "./fields.schema.ts";

const lifetimeMs = 5 * 60_000;

export const PictureSchema = z
  .object({
    url: z.string().openapi({
      description: "Path on this server, for the session or API key that asked, for five minutes. Audited.",
    }),
    expiresAt: TimeSchema,
  })
  .openapi("Picture");

export type Picture = z.infer<typeof PictureSchema>;
type Signer = Pick<ApiDeps, "blindIndexer" | "clock">;

/** A link to a sealed picture that opens for this very session or key only. */
export async function pictureLink(deps: Signer, actor: Actor, objectId: ObjectId): Promise<Picture> {
  const expiresAt = new Date(deps.clock.now().getTime() + lifetimeMs);
  const signature = await sign(deps, actor, { objectId, expires: expiresAt.getTime() });
  const query = `expires=${expiresAt.getTime()}&signature=${signature.toString("base64url")}`;
  return { url: `/v1/pictures/${toTypeId("obj", objectId)}?${query}`, expiresAt: expiresAt.toISOString() };
}

/** False: expired, made for somebody else, or not ours. */
export async function isPictureLinkValid(
  deps: Signer,
  actor: Actor,
  link: { objectId: ObjectId; expires: number; signature: string },
): Promise<boolean> {
  const given = Buffer.from(link.signature, "base64url");
  const ours = await sign(deps, actor, link);
  const now = deps.clock.now().getTime();
  const isInTime = now < link.expires && link.expires <= now + lifetimeMs;
  return given.length === ours.length && timingSafeEqual(given, ours) && isInTime;
}

function sign(
  { blindIndexer }: Signer,
  actor: Actor,
  { objectId, expires }: { objectId: ObjectId; expires: number },
): Promise<Buffer> {
  const holder = actor.sessionId ?? actor.actorId;
  return blindIndexer.index(actor.shopId, "picture.link", `${objectId}|${holder}|${expires}`);
}
