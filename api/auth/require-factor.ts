import type { StoredSession } from "../../db/system.ts";
import type { MembershipRole } from "../../domain/account/roles.ts";
import { readsCustomers } from "../../domain/account/scopes.ts";
import { AppError } from "../../domain/app-error.ts";
import type { ApiDeps } from "../deps.ts";

type Held = readonly { role: MembershipRole }[];

/** Whether the account must have a second factor: a role of the platform, or one that reads customer data. */
export function mustHaveFactor(
  { settings }: Pick<ApiDeps, "settings">,
  { isOfPlatform }: Pick<StoredSession, "isOfPlatform">,
  memberships: Held,
): boolean {
  const isTrusted = isOfPlatform || memberships.some(({ role }) => readsCustomers(role));
  return settings.requiresSecondFactor && isTrusted;
}

export function lacksFactor(
  deps: Pick<ApiDeps, "settings">,
  session: StoredSession,
  memberships: Held,
): boolean {
  return !session.hasFactor && mustHaveFactor(deps, session, memberships);
}

/** Throws `factor.required`: such a session may do nothing but enrol, and sign out. */
export function refuseWithoutFactor(
  deps: Pick<ApiDeps, "settings">,
  session: StoredSession,
  memberships: Held,
): void {
  if (!lacksFactor(deps, session, memberships)) return;
  throw new AppError("forbidden", "factor.required", {
    internal: "an account that must have a second factor has none",
    public: "This account needs a second factor first: POST /v1/second-factor.",
  });
}
