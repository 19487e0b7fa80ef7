import { platformShopId } from "../../db/accounts.ts";
import { listPlatformRoles } from "../../db/system.ts";
import { AppError } from "../../domain/app-error.ts";
import type { ApiDeps } from "../deps.ts";
import type { Actor } from "./actor.ts";
import { adminScopesOf } from "./admin-scopes.ts";
import { demandAccepted } from "./policies-in-force.ts";
import { demandVerified, readSession } from "./read-actor.ts";
import { refuseWithoutFactor } from "./require-factor.ts";

/** Who holds the token, acting for the platform; `undefined` when it is worth nothing. */
export async function readAdmin(deps: ApiDeps, token: string): Promise<Actor | undefined> {
  const session = await readSession(deps, token);
  if (session === undefined) return undefined;
  demandVerified(session);
  const { accountId, id: sessionId, steppedUpAt } = session;
  const roles = await listPlatformRoles(deps.system, accountId);
  if (roles.length === 0) throw noRole();
  refuseWithoutFactor(deps, session, []);
  await demandAccepted(deps, accountId);
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
