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
import { accountSubject, platformShopId } from "../db/accounts.ts";
import { AppError } from "../domain/app-error.ts";
import type { AccountId } from "../domain/id.ts";
import type { Sealed, SealedPlace, Sealer } from "../domain/sealing.ts";
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

/**
 * Reads the answer of a finished request again, from its path and `c.var.effect`: what the rows say now. It is never
 * kept, since it may speak of a person who is erased meanwhile; what is gone is a problem that says so.
 */
export type ReadAgain = (c: Context<ApiEnv>) => Promise<object>;

type RouteHeaders = NonNullable<RouteConfig["request"]>["headers"];

const HeadersSchema = z.object({
  "idempotency-key": z.string().openapi({
    description: "Chosen by the client, unique for each intention; the same key repeats the answer.",
  }),
});

/**
 * Marks a route: `createRoute(idempotent({ … }, readAgain))`. `Idempotency-Key` is demanded; a finished request is
 * answered again with `Idempotent-Replayed`, a running one with 409, the key with another request with 422.
 * `c.var.effect` is set. Of a success only its status is kept, of a refusal its words, which are ours; 5xx are not kept:
 * the same key may be offered again.
 */
export function idempotent<const Route extends RouteConfig>(route: Route, readAgain: ReadAgain): Route {
  const { middleware = [], request, responses } = route;
  return {
    ...route,
    middleware: [...(Array.isArray(middleware) ? middleware : [middleware]), once(readAgain)],
    request: { ...request, headers: withKey(request?.headers) },
    responses: { ...problems(400, 409, 422), ...responses },
  };
}

function withKey(headers: RouteHeaders): z.ZodType {
  return headers instanceof z.ZodObject ? headers.extend(HeadersSchema.shape) : HeadersSchema;
}

function once(readAgain: ReadAgain): MiddlewareHandler<ApiEnv> {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const { actor, deps } = c.var;
    const ref = { shopId: actor.shopId, actorId: actor.actorId, key: readKey(c) };
    const fingerprint = await fingerprintOf(c);
    const now = deps.clock.now();
    const claim = await deps.db.withShop(ref.shopId, (trx) =>
      claimIdempotencyKey(trx, { ...ref, fingerprint, leaseMs, now }),
    );
    if (claim.state === "running" || claim.state === "other_request") throw refusalOf(claim.state);
    c.set("effect", effectOf(ref, claim.createdAt));
    if (claim.state === "done") return replay(c, ref, { ...claim, readAgain });
    try {
      await next();
    } finally {
      await keep(c, ref, claim);
    }
    return undefined;
  });
}

function effectOf({ shopId, actorId, key }: IdempotencyRef, createdAt: Date): Effect {
  const seed = `${shopId}|${actorId}|${key}`;
  return { updateId: updateIdOf(seed), id: stableUuid(createdAt, seed) };
}

function readKey(c: Context<ApiEnv>): string {
  const key = c.req.header("idempotency-key");
  if (key !== undefined && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new HttpProblem(
    400,
    key === undefined ? "idempotency.key_required" : "idempotency.key_malformed",
    "This request needs the header Idempotency-Key: 1 to 255 visible ASCII characters.",
  );
}

/** Under the shop's index key: what was written could be guessed from a plain hash of a short text. */
async function fingerprintOf(c: Context<ApiEnv>): Promise<Buffer> {
  const { actor, deps } = c.var;
  const { pathname, search } = new URL(c.req.url);
  const body = new Uint8Array(await c.req.arrayBuffer());
  const hash = createHash("sha256").update(`${c.req.method}\0${pathname}\0${search}\0`).update(body);
  return deps.blindIndexer.index(actor.shopId, "idempotency.fingerprint", hash.digest("hex"));
}

function updateIdOf(seed: string): string {
  return createHash("sha256").update(`update|${seed}`).digest("base64url");
}

export function refusalOf(state: "running" | "other_request"): AppError {
  switch (state) {
    case "running":
      return new AppError("conflict", "idempotency.in_progress", {
        internal: "the key's first request is running",
        public: "The same request is being carried out.",
        retryAfterSeconds: 1,
      });
    case "other_request":
      return new AppError("invalid", "idempotency.key_reused", {
        internal: "the key came with another request",
        public: "This Idempotency-Key was used for another request.",
      });
  }
}

type Done = Extract<IdempotencyClaim, { state: "done" }> & { readAgain: ReadAgain };

async function replay(
  c: Context<ApiEnv>,
  ref: IdempotencyRef,
  { status, response, readAgain }: Done,
): Promise<Response> {
  c.header("idempotent-replayed", "true");
  if (response === null) return c.json(await readAgain(c), status as ContentfulStatusCode);
  const [plaintext] = await c.var.deps.sealer.open([{ place: placeOf(ref), sealed: response }]);
  if (plaintext === undefined) {
    throw new AppError("internal", "idempotency.unreadable", { internal: "the shop's key is gone" });
  }
  // Our own bytes, sealed below.
  const stored = JSON.parse(plaintext.toString("utf8")) as StoredRefusal;
  return c.body(stored.body, status as ContentfulStatusCode, stored.headers);
}

type StoredRefusal = { headers: Record<string, string>; body: string };

/** The answer is on its way whatever happens here: a failure to keep it is logged, and the lease frees the key. */
async function keep(c: Context<ApiEnv>, ref: IdempotencyRef, claim: { isFirst: boolean }): Promise<void> {
  const { db, sealer, log } = c.var.deps;
  try {
    const { status } = c.res;
    if (c.finalized && !isOpen(status)) {
      const response = c.res.ok ? null : await sealRefusal(sealer, ref, c.res);
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

async function sealRefusal(sealer: Sealer, ref: IdempotencyRef, response: Response): Promise<Sealed> {
  const contentType = response.headers.get("content-type");
  const stored: StoredRefusal = {
    headers: contentType === null ? {} : { "content-type": contentType },
    body: await response.clone().text(),
  };
  const [sealed] = await sealer.seal([{ place: placeOf(ref), plaintext: JSON.stringify(stored) }]);
  if (sealed === undefined) throw new TypeError("nothing was sealed");
  return sealed;
}

/** The shop's secret; an admin's answers are under their account's own key. */
function placeOf(ref: IdempotencyRef): SealedPlace {
  const isAdmin = ref.shopId === platformShopId;
  return {
    shopId: ref.shopId,
    subjectId: isAdmin ? accountSubject(ref.actorId as AccountId) : shopSubject(ref.shopId),
    purpose: isAdmin ? "account" : "secret",
    field: "idempotency.response",
    rowId: createHash("sha256").update(`${ref.actorId}|${ref.key}`).digest("base64url"),
  };
}
