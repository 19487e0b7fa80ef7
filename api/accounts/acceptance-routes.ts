import { createRoute, z } from "@hono/zod-openapi";

import { insertPolicyAcceptances, listPolicyAcceptances } from "../../db/policy-acceptances.ts";
import { openPolicies } from "../../domain/account/policy-version.ts";
import type { PoliciesInForce } from "../../domain/account/policy-version.ts";
import { policyNames } from "../../domain/account/policies.ts";
import type { PolicyName } from "../../domain/account/policies.ts";
import { AppError } from "../../domain/app-error.ts";
import type { AccountId } from "../../domain/id.ts";
import { readOpenPolicies, readPoliciesInForce } from "../auth/policies-in-force.ts";
import { ofAccount } from "../auth/require-session.ts";
import type { ApiDeps } from "../deps.ts";
import type { ApiRouter } from "../router.ts";
import { TimeSchema } from "../v1/fields.schema.ts";
import { jsonAnswer, jsonBody } from "../v1/route-parts.ts";
import { AcceptedSchema } from "./account.schema.ts";

const path = "/v1/accounts/current/policy-acceptances";
const tags = ["accounts"];

const AcceptancesSchema = z
  .object({
    data: z.array(
      z.object({
        policy: z.enum(policyNames),
        version: z.string(),
        how: z.enum(["explicit", "by_use"]),
        acceptedAt: TimeSchema,
      }),
    ),
    changed: z.array(z.enum(policyNames)).openapi({
      description: "Worded anew since the account accepted them; the console asks before it goes on.",
    }),
  })
  .openapi("PolicyAcceptances");

const listRoute = createRoute(
  ofAccount(
    {
      method: "get",
      path,
      operationId: "listPolicyAcceptances",
      summary: "What the account has accepted, by version, newest first",
      tags,
      responses: { 200: jsonAnswer("The acceptances", AcceptancesSchema) },
    },
    { isBeforePolicies: true },
  ),
);

const acceptRoute = createRoute(
  ofAccount(
    {
      method: "post",
      path,
      operationId: "acceptPolicies",
      summary: "Accept the wordings that are in force",
      description: "Recorded by version, for good; the first acceptance of a version counts.",
      tags,
      request: { body: jsonBody(z.strictObject({ accepted: AcceptedSchema }).openapi("AcceptPolicies")) },
      responses: { 201: jsonAnswer("The acceptances", AcceptancesSchema) },
    },
    { isBeforePolicies: true },
  ),
);

export function mountAcceptances(app: ApiRouter): void {
  app.openapi(listRoute, async (c) => {
    const { deps, session } = c.var;
    return c.json(await readAcceptances(deps, session.accountId), 200);
  });

  app.openapi(acceptRoute, async (c) => {
    const { deps, session } = c.var;
    const { accountId } = session;
    const inForce = await demandInForce(deps, c.req.valid("json").accepted);
    const now = deps.clock.now();
    await deps.db.withoutShop((trx) =>
      insertPolicyAcceptances(trx, { accountId, policies: policyNames, inForce, how: "explicit", now }),
    );
    return c.json(await readAcceptances(deps, accountId), 201);
  });
}

/** What the account is to be asked again; one that a command made was never asked what the code brings. */
export async function listChanged(deps: ApiDeps, accountId: AccountId): Promise<PolicyName[]> {
  return (await readOpenPolicies(deps, accountId)).asked;
}

/** Exactly what is in force: nobody accepts a wording by a number that was never shown, nor one that is over. */
export async function demandInForce(
  deps: ApiDeps,
  { processingAbroad, ...others }: z.output<typeof AcceptedSchema>,
): Promise<PoliciesInForce> {
  const inForce = await readPoliciesInForce(deps);
  const given = { ...others, processing_abroad: processingAbroad };
  const wrong = policyNames.filter((name) => given[name] !== inForce[name].version);
  if (wrong.length === 0) return inForce;
  throw new AppError("invalid", "policy.not_in_force", {
    internal: `not in force: ${wrong.join(", ")}`,
    public: "Accept the versions that are in force; see listPolicies.",
  });
}

async function readAcceptances(deps: ApiDeps, accountId: AccountId) {
  const accepted = await deps.db.withoutShop((trx) => listPolicyAcceptances(trx, accountId));
  const data = accepted.map(({ acceptedAt, ...one }) => ({ ...one, acceptedAt: acceptedAt.toISOString() }));
  return { data, changed: openPolicies(accepted, await readPoliciesInForce(deps)).asked };
}
