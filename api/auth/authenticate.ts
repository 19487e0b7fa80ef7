import type { Context } from "hono";
import { createMiddleware } from "hono/factory";

import type { Scope } from "../../domain/account/scopes.ts";
import { AppError } from "../../domain/app-error.ts";
import type { ApiEnv } from "../env.ts";
import type { AdminScope } from "./admin-scopes.ts";
import { breakGlassHeader, noteRefusedAdmin, readBreakGlassActor } from "./break-glass.ts";
import { checkOrigin } from "./check-origin.ts";
import { limitActor } from "./limit-actor.ts";
import { readActor, readCredential } from "./read-actor.ts";

/** Whoever declines what changed may leave, with their data: these routes ask `demandActorAccepted` for all else. */
const rightsPath = /^\/v1\/privacy-requests(?:\/|$)/;

/** Sets `c.var.actor`, or answers 401. Stands before everything below `/v1` but signing in and what admins ask for. */
export const authenticate = createMiddleware<ApiEnv>(async (c, next) => {
  if (Object.hasOwn(c.var, "actor")) return next();
  const credential = readCredential(c);
  if (credential === undefined) throw notSignedIn();
  if (credential.from === "cookie") checkOrigin(c, { isByCookie: true });
  const shopHeader = c.req.header("shopthread-shop");
  const isBeforePolicies = rightsPath.test(c.req.path);
  const actor =
    c.req.header(breakGlassHeader) === undefined
      ? await readActor(c.var.deps, { token: credential.token, shopHeader, isBeforePolicies }).catch(
          (error: unknown) => refuse(c, credential.token, error),
        )
      : await readBreakGlassActor(c, credential.token);
  if (actor === undefined) throw notSignedIn();
  await limitActor(c, actor);
  c.set("actor", actor);
  c.header("cache-control", "no-store"); // personal data; a route may say otherwise
  return next();
});

/** What is refused to an admin of the platform stands in the platform's log. */
async function refuse(c: Context<ApiEnv>, token: string, error: unknown): Promise<never> {
  if (error instanceof AppError && error.code === "shop.none") await noteRefusedAdmin(c, token);
  throw error;
}

/** In a route's `middleware`: answers 403 to whoever lacks the scope. */
export function requireScope(scope: Scope | AdminScope) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    if (!c.var.actor.scopes.has(scope)) {
      throw new AppError("forbidden", "scope.missing", {
        internal: `needs ${scope}`,
        public: `This needs the permission ${scope}.`,
      });
    }
    await next();
  });
}

export function notSignedIn(): AppError {
  return new AppError("unauthenticated", "session.missing", {
    internal: "no valid credential",
    public: "Sign in first.",
  });
}
