import type { RouteConfig } from "@hono/zod-openapi";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";

import { findAccount } from "../../db/accounts.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { setSessionToken, stepUpSession } from "../../db/sessions.ts";
import type { StoredSession } from "../../db/system.ts";
import { isSteppedUp, stepUpEnd } from "../../domain/account/session-life.ts";
import { AppError } from "../../domain/app-error.ts";
import type { ApiDeps } from "../deps.ts";
import type { ApiEnv } from "../env.ts";
import { notSignedIn } from "./authenticate.ts";
import { readProof, useProof } from "./factor-proof.ts";
import { readPepper, verifyPassword } from "./password.ts";
import { takePoint } from "./rate-limits.ts";
import type { RateLimits } from "./rate-limits.ts";
import { takeGuess } from "./session-guesses.ts";
import { newToken } from "./token.ts";

/**
 * In a route's `middleware`, behind `authenticate` or `ofAccount`: lets pass whoever proved in the last ten minutes who
 * they are. Signing in is such a proof. A key proves nothing: it may what its scopes say.
 */
export const requireStepUp = createMiddleware<ApiEnv>(async (c, next) => {
  demandStepUp(c);
  await next();
});

/** The same inside a handler, where only some of what it does asks for it. */
export function demandStepUp(c: Context<ApiEnv>): void {
  const { deps, session, actor } = c.var as Partial<ApiEnv["Variables"]> & Pick<ApiEnv["Variables"], "deps">;
  const holder = session ?? actor;
  const isKey = session === undefined && actor?.sessionId === null;
  if (!isKey && !isSteppedUp(holder?.steppedUpAt ?? null, deps.clock.now())) {
    throw new AppError("forbidden", "step_up.required", {
      internal: "the last proof is too old",
      public:
        "Prove again who you are: POST /v1/sessions/current/step-up with a code of the second factor, or the password where there is none.",
    });
  }
}

/** The same for whoever has a second factor. */
const requireStepUpByFactor: typeof requireStepUp = (c, next) =>
  c.var.session.hasFactor ? requireStepUp(c, next) : next();

/** Marks a route: `createRoute(steppedUp(scoped("shop.write", { … })))`. */
export function steppedUp<const Route extends RouteConfig>(route: Route): Route {
  return guarded(route, { by: requireStepUp, mark: true });
}

/**
 * `createRoute(steppedUpByFactor(ofAccount({ … })))`: what the password opens, which is not enough for an account with a
 * second factor.
 */
export function steppedUpByFactor<const Route extends RouteConfig>(route: Route): Route {
  return guarded(route, { by: requireStepUpByFactor, mark: "factor" });
}

function guarded<const Route extends RouteConfig>(
  route: Route,
  { by, mark }: { by: typeof requireStepUp; mark: true | "factor" },
): Route {
  const { middleware = [] } = route;
  return {
    ...route,
    middleware: [...(Array.isArray(middleware) ? middleware : [middleware]), by],
    "x-step-up": mark,
  };
}

type Parts = { deps: ApiDeps; limits: RateLimits };
export type Proof = { code: string } | { password: string };
export type SteppedUp = { token: string; steppedUpUntil: Date };

/** Proves again who has the session, which gets a new token. An account with a second factor gives a code. */
export async function stepUp(parts: Parts, session: StoredSession, proof: Proof): Promise<SteppedUp> {
  if ("code" in proof) return stepUpByCode(parts, session, { code: proof.code, hasFactor: true });
  if (session.hasFactor) {
    throw new AppError("invalid", "step_up.code_needed", {
      internal: "a password of an account with a factor",
      public: "This account has a second factor: give a code.",
    });
  }
  await takeGuess(parts, {
    session,
    of: "passwords",
    prove: () => demandPassword(parts, session, proof.password),
  });
  return renewSession(parts.deps, session, { hasFactor: false });
}

type CodeGiven = {
  code: string;
  /** Whether the session has one from now on: not when the code takes it away. */
  hasFactor: boolean;
  /** In the transaction, once the code is used. */
  change?: (trx: ShopTransaction, now: Date) => Promise<void>;
};

/** A code, or a recovery code, that does what it was given for in the transaction that renews the session. */
export function stepUpByCode(
  parts: Parts,
  session: StoredSession,
  { code, hasFactor, change }: CodeGiven,
): Promise<SteppedUp> {
  const prove = async () => {
    const read = await readProof(parts.deps, session.accountId, code);
    return renewSession(parts.deps, session, {
      hasFactor,
      prove: async (trx, now) => {
        await useProof(trx, read, now);
        await change?.(trx, now);
      },
    });
  };
  return takeGuess(parts, { session, of: "codes", prove });
}

async function demandPassword(
  { deps, limits }: Parts,
  { accountId }: StoredSession,
  password: string,
): Promise<void> {
  await takePoint(limits.signIn, "all");
  const account = await deps.db.withoutShop((trx) => findAccount(trx, accountId));
  const pepper = await readPepper(deps.blindIndexer);
  if (await verifyPassword(account?.passwordHash, password, pepper)) return;
  throw new AppError("unauthenticated", "step_up.refused", {
    internal: "wrong password",
    public: "The password is wrong.",
  });
}

/**
 * In the transaction that changes what the account signs in with: the session's new token. No step-up, since neither a
 * password nor a link is the proof of an account with a factor.
 */
export async function renewToken(
  trx: ShopTransaction,
  { id }: Pick<StoredSession, "id">,
  now: Date,
): Promise<string> {
  const { token, tokenHash } = newToken("session");
  if (!(await setSessionToken(trx, { id, tokenHash, now }))) throw notSignedIn();
  return token;
}

type Renewal = {
  hasFactor: boolean;
  /** In the transaction, first. */
  prove?: (trx: ShopTransaction, now: Date) => Promise<void>;
};

/** The session under a new token; whoever had copied the old one has nothing. */
export async function renewSession(
  { db, clock }: Pick<ApiDeps, "db" | "clock">,
  { id }: Pick<StoredSession, "id">,
  { hasFactor, prove }: Renewal,
): Promise<SteppedUp> {
  const now = clock.now();
  const { token, tokenHash } = newToken("session");
  await db.withoutShop(async (trx) => {
    await prove?.(trx, now);
    if (!(await stepUpSession(trx, { id, tokenHash, hasFactor, now }))) throw notSignedIn();
  });
  return { token, steppedUpUntil: stepUpEnd(now) };
}
