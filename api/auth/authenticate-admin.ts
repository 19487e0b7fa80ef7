import { createMiddleware } from "hono/factory";

import { platformShopId } from "../../db/accounts.ts";
import { listPlatformRoles } from "../../db/system.ts";
import { AppError } from "../../domain/app-error.ts";
import type { ApiDeps } from "../deps.ts";
import type { ApiEnv } from "../env.ts";
import type { Actor } from "./actor.ts";
import { adminScopesOf } from "./admin-scopes.ts";
import { notSignedIn } from "./authenticate.ts";
import { checkOrigin } from "./check-origin.ts";
import { limitActor } from "./limit-actor.ts";
import { demandVerified, readCredential, readSession } from "./read-actor.ts";
import { refuseWithoutFactor } from "./require-factor.ts";

/**
 * Sets `c.var.actor` for everything below `/v1/admin`: the session of an account with a role of the platform, which acts
 * for no shop. A key is nobody here.
 */
export const authenticateAdmin = createMiddleware<ApiEnv>(async (c, next) => {
  const credential = readCredential(c);
  if (credential === undefined) throw notSignedIn();
  if (credential.from === "cookie") checkOrigin(c, { isByCookie: true });
  const actor = await readAdmin(c.var.deps, credential.token);
  if (actor === undefined) throw notSignedIn();
  await limitActor(c, actor);
  c.set("actor", actor);
  c.header("cache-control", "no-store");
  await next();
});

/** Who holds the token, acting for the platform; `undefined` when it is worth nothing. */
export async function readAdmin(deps: ApiDeps, token: string): Promise<Actor | undefined> {
  const session = await readSession(deps, token);
  if (session === undefined) return undefined;
  demandVerified(session);
  const { accountId, id: sessionId, steppedUpAt } = session;
  const roles = await listPlatformRoles(deps.system, accountId);
  if (roles.length === 0) throw noRole();
  refuseWithoutFactor(deps, session, []);
  return {
    actorId: accountId,
    accountId,
    shopId: platformShopId,
    role: "admin",
    scopes: new Set(roles.flatMap((role) => [...adminScopesOf[role]])),
    sessionId,
    steppedUpAt,
  };
}

function noRole(): AppError {
  return new AppError("forbidden", "platform.no_role", {
    internal: "the account has no role of the platform",
    public: "This account is none of the platform's.",
  });
}
