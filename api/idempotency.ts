import { createHash } from "node:crypto";
import { z } from "@hono/zod-openapi";
import type { RouteConfig } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import type { ContentfulStatusCode } from "hono/utils/http-status";

import {
  claimIdempotencyKey,
  forgetIdempotencyKey,
  releaseIdempotencyKey,
  storeIdempotentResponse,
} from "../db/idempotency-keys.ts";
import type { IdempotencyClaim, IdempotencyRef } from "../db/idempotency-keys.ts";
import { AppError } from "../domain/app-error.ts";
import type { Sealed, SealedPlace } from "../domain/sealing.ts";
import { shopSubject } from "../domain/shop/shop-subject.ts";
import { stableUuid } from "./stable-uuid.ts";
import type { ApiEnv } from "./env.ts";
import { HttpProblem, problems } from "./problem.ts";

/** What stays the same however often one request is repeated, a crash of this process included. */
export type Effect = {
  /** Update id of a Temporal update: the Idempotency-Key, made unique for its actor. */
  updateId: string;
  /** For the row that the request makes (uuid v7 of the first try); a repeated insert meets its own row. */
  id: string;
};

/** A handler is given this long; then another request with the same key may carry it out again. */
const leaseMs = 60_000;
/** Refused before anything happened: the same key may come with a corrected request. */
const refusedEarly = new Set([400, 401, 403, 413, 415, 422, 429]);
const replayedHeaders = ["content-type", "location", "etag"];

type RouteHeaders = NonNullable<RouteConfig["request"]>["headers"];

const HeadersSchema = z.object({
  "idempotency-key": z.string().openapi({
    description: "Chosen by the client, unique for each intention; the same key repeats the answer.",
  }),
});

/**
 * Marks a route: `createRoute(idempotent({ … }))`. `Idempotency-Key` is demanded; a finished request is answered again
 * with `Idempotent-Replayed`, a running one with 409, the key with another request with 422. `c.var.effect` is set.
 * An answer of 5xx is not kept: the same key may be offered again.
 */
export function idempotent<const Route extends RouteConfig>(route: Route): Route {
  const { middleware = [], request, responses } = route;
  return {
    ...route,
    middleware: [...(Array.isArray(middleware) ? middleware : [middleware]), once],
    request: { ...request, headers: withKey(request?.headers) },
    responses: { ...problems(400, 409, 422), ...responses },
  };
}

function withKey(headers: RouteHeaders): z.ZodType {
  return headers instanceof z.ZodObject ? headers.extend(HeadersSchema.shape) : HeadersSchema;
}

const once: MiddlewareHandler<ApiEnv> = createMiddleware<ApiEnv>(async (c, next) => {
  const { actor, deps } = c.var;
  const ref = { shopId: actor.shopId, actorId: actor.actorId, key: readKey(c) };
  const fingerprint = await fingerprintOf(c);
  const now = deps.clock.now();
  const claim = await deps.db.withShop(ref.shopId, (trx) =>
    claimIdempotencyKey(trx, { ...ref, fingerprint, leaseMs, now }),
  );
  if (claim.state !== "claimed") return replay(c, ref, claim);

  const seed = `${ref.shopId}|${ref.actorId}|${ref.key}`;
  c.set("effect", { updateId: updateIdOf(seed), id: stableUuid(claim.createdAt, seed) });
  try {
    await next();
  } finally {
    await keep(c, ref, claim);
  }
  return undefined;
});

function readKey(c: Context<ApiEnv>): string {
  const key = c.req.header("idempotency-key");
  if (key !== undefined && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new HttpProblem(
    400,
    key === undefined ? "idempotency.key_required" : "idempotency.key_malformed",
    "This request needs the header Idempotency-Key: 1 to 255 visible ASCII characters.",
  );
}

async function fingerprintOf(c: Context<ApiEnv>): Promise<Buffer> {
  const { pathname, search } = new URL(c.req.url);
  const body = new Uint8Array(await c.req.arrayBuffer());
  return createHash("sha256").update(`${c.req.method}\0${pathname}\0${search}\0`).update(body).digest();
}

function updateIdOf(seed: string): string {
  return createHash("sha256").update(`update|${seed}`).digest("base64url");
}

async function replay(
  c: Context<ApiEnv>,
  ref: IdempotencyRef,
  claim: Exclude<IdempotencyClaim, { state: "claimed" }>,
): Promise<Response> {
  switch (claim.state) {
    case "running":
      throw new AppError("conflict", "idempotency.in_progress", {
        internal: "the key's first request is running",
        public: "The same request is being carried out.",
        retryAfterSeconds: 1,
      });
    case "other_request":
      throw new AppError("invalid", "idempotency.key_reused", {
        internal: "the key came with another request",
        public: "This Idempotency-Key was used for another request.",
      });
    case "done":
      return sendStored(c, ref, claim);
  }
}

type StoredResponse = { headers: Record<string, string>; body: string };

async function sendStored(
  c: Context<ApiEnv>,
  ref: IdempotencyRef,
  { status, response }: { status: number; response: Sealed },
): Promise<Response> {
  const [plaintext] = await c.var.deps.sealer.open([{ place: placeOf(ref), sealed: response }]);
  if (plaintext === undefined) {
    throw new AppError("internal", "idempotency.unreadable", { internal: "the shop's key is gone" });
  }
  // Our own bytes, sealed below.
  const stored = JSON.parse(plaintext.toString("utf8")) as StoredResponse;
  const headers = { ...stored.headers, "idempotent-replayed": "true" };
  if (stored.body === "") return new Response(null, { status, headers });
  return c.body(stored.body, status as ContentfulStatusCode, headers);
}

/** The answer is on its way whatever happens here: a failure to keep it is logged, and the lease frees the key. */
async function keep(c: Context<ApiEnv>, ref: IdempotencyRef, claim: { isFirst: boolean }): Promise<void> {
  const { db, sealer, log } = c.var.deps;
  try {
    const { status } = c.res;
    if (c.finalized && !isOpen(status)) {
      const stored = await storedOf(c.res);
      const [response] = await sealer.seal([{ place: placeOf(ref), plaintext: JSON.stringify(stored) }]);
      if (response === undefined) throw new TypeError("nothing was sealed");
      await db.withShop(ref.shopId, (trx) => storeIdempotentResponse(trx, { ...ref, status, response }));
      return;
    }
    const isRefused = c.finalized && refusedEarly.has(status) && claim.isFirst;
    const giveBack = isRefused ? forgetIdempotencyKey : releaseIdempotencyKey;
    await db.withShop(ref.shopId, (trx) => giveBack(trx, ref));
  } catch (err) {
    const { requestId } = c.var;
    log.warn({ requestId, shopId: ref.shopId, err }, "idempotency.answer_not_kept");
  }
}

function isOpen(status: number): boolean {
  return status >= 500 || refusedEarly.has(status);
}

async function storedOf(response: Response): Promise<StoredResponse> {
  const headers = Object.fromEntries(
    replayedHeaders.flatMap((name) => {
      const value = response.headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  return { headers, body: await response.clone().text() };
}

function placeOf(ref: IdempotencyRef): SealedPlace {
  return {
    shopId: ref.shopId,
    subjectId: shopSubject(ref.shopId),
    purpose: "secret",
    field: "idempotency.response",
    rowId: createHash("sha256").update(`${ref.actorId}|${ref.key}`).digest("base64url"),
  };
}
