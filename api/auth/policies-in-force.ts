import type { Context } from "hono";
import { createMiddleware } from "hono/factory";

import { insertPolicyAcceptances, listPolicyAcceptances } from "../../db/policy-acceptances.ts";
import { listPolicyVersions } from "../../db/policy-versions.ts";
import { openPolicies, policiesInForce } from "../../domain/account/policy-version.ts";
import type { OpenPolicies, PoliciesInForce, PolicyVersion } from "../../domain/account/policy-version.ts";
import { policyNames } from "../../domain/account/policies.ts";
import { AppError } from "../../domain/app-error.ts";
import type { AccountId } from "../../domain/id.ts";
import type { ApiDeps } from "../deps.ts";
import type { ApiEnv } from "../env.ts";

type Deps = Pick<ApiDeps, "db" | "clock">;

/** What another process has published is known here after so long. */
const keptMs = 10_000;
const kept = new WeakMap<object, { versions: PolicyVersion[]; at: number }>();

export async function readPolicyVersions({ db }: Deps): Promise<PolicyVersion[]> {
  const known = kept.get(db);
  if (known && performance.now() - known.at < keptMs) return known.versions;
  const versions = await db.withoutShop((trx) => listPolicyVersions(trx));
  kept.set(db, { versions, at: performance.now() });
  return versions;
}

/** This process has published one. */
export function forgetPolicyVersions({ db }: Deps): void {
  kept.delete(db);
}

export async function readPoliciesInForce(deps: Deps): Promise<PoliciesInForce> {
  return policiesInForce(await readPolicyVersions(deps), deps.clock.now());
}

export async function readOpenPolicies(deps: Deps, accountId: AccountId): Promise<OpenPolicies> {
  const accepted = await deps.db.withoutShop((trx) => listPolicyAcceptances(trx, accountId));
  return openPolicies(accepted, await readPoliciesInForce(deps));
}

/**
 * Lets through who has accepted what is in force: a minor change is accepted by this very use, a material one in so many
 * words. While nothing that was published is in force it asks nothing of the database.
 */
export async function demandAccepted(deps: Deps, accountId: AccountId): Promise<void> {
  const inForce = await readPoliciesInForce(deps);
  if (policyNames.every((name) => inForce[name].published === null)) return;
  const { gating, byUse: policies } = await readOpenPolicies(deps, accountId);
  if (gating.length > 0) {
    throw new AppError("forbidden", "policy_not_accepted", {
      internal: `not accepted: ${gating.join(", ")}`,
      public: "What we agreed on has changed: read and accept it first (see acceptPolicies).",
    });
  }
  if (policies.length === 0) return;
  const acceptance = { accountId, policies, inForce, how: "by_use", now: deps.clock.now() } as const;
  await deps.db.withoutShop((trx) => insertPolicyAcceptances(trx, acceptance));
}

/** In a route that lets others through (`isBeforePolicies` of `readActor`): of whoever is no key. */
export async function demandActorAccepted({ var: { deps, actor } }: Context<ApiEnv>): Promise<void> {
  if (actor.accountId !== null) await demandAccepted(deps, actor.accountId);
}

/** Behind `c.var.session`. */
export const requireAccepted = createMiddleware<ApiEnv>(async (c, next) => {
  await demandAccepted(c.var.deps, c.var.session.accountId);
  await next();
});
