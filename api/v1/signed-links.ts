import { timingSafeEqual } from "node:crypto";
import { z } from "@hono/zod-openapi";

import { AppError } from "../../domain/app-error.ts";
import type { Actor } from "../auth/actor.ts";
import type { ApiDeps } from "../deps.ts";

const lifetimeMs = 5 * 60_000;

/** What a link is for: one for a look is none for bringing bytes. */
export type LinkKind = "picture.link" | "upload.link" | "upgrade_picture.link" | "payout_picture.link";
export type Signer = Pick<ApiDeps, "blindIndexer" | "clock">;

/** The query of every route that a signed link leads to. */
export const SignedQuery = z.strictObject({
  expires: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER),
  signature: z.string().max(100),
});

export type SignedLink = { url: string; expiresAt: string };

/** A link of five minutes that opens for this very session or key only. `path` ends in the id as it is shown. */
export async function signLink(
  deps: Signer,
  actor: Actor,
  { kind, path, id }: { kind: LinkKind; path: string; id: string },
): Promise<SignedLink> {
  const expiresAt = new Date(deps.clock.now().getTime() + lifetimeMs);
  const signature = await sign(deps, actor, { kind, id, expires: expiresAt.getTime() });
  const query = `expires=${expiresAt.getTime()}&signature=${signature.toString("base64url")}`;
  return { url: `${path}?${query}`, expiresAt: expiresAt.toISOString() };
}

/** False: expired, made for somebody else or for something else, or not ours. */
export async function isLinkValid(
  deps: Signer,
  actor: Actor,
  link: { kind: LinkKind; id: string; expires: number; signature: string },
): Promise<boolean> {
  const given = Buffer.from(link.signature, "base64url");
  const ours = await sign(deps, actor, link);
  const now = deps.clock.now().getTime();
  const isInTime = now < link.expires && link.expires <= now + lifetimeMs;
  return given.length === ours.length && timingSafeEqual(given, ours) && isInTime;
}

export function linkExpired(code: "picture.link_expired" | "upload.link_expired"): AppError {
  return new AppError("forbidden", code, {
    internal: "the link is expired, or of another session",
    public: "This link has expired, or was made for somebody else. Read the resource again for a new one.",
  });
}

function sign(
  { blindIndexer }: Signer,
  actor: Actor,
  { kind, id, expires }: { kind: LinkKind; id: string; expires: number },
): Promise<Buffer> {
  const holder = actor.sessionId ?? actor.actorId;
  return blindIndexer.index(actor.shopId, kind, `${id}|${holder}|${expires}`);
}
