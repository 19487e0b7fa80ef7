import { createRoute, z } from "@hono/zod-openapi";

import { insertPolicyAcceptances, listPolicyAcceptances } from "../../db/policy-acceptances.ts";
import type { PolicyAcceptance } from "../../db/policy-acceptances.ts";
import { changedPolicies, policyNames } from "../../domain/account/policies.ts";
import type { PolicyName } from "../../domain/account/policies.ts";
import type { AccountId } from "../../domain/id.ts";
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
    data: z.array(z.object({ policy: z.enum(policyNames), version: z.string(), acceptedAt: TimeSchema })),
    changed: z.array(z.enum(policyNames)).openapi({
      description: "Worded anew since the account accepted them; the console asks before it goes on.",
    }),
  })
  .openapi("PolicyAcceptances");

const listRoute = createRoute(
  ofAccount({
    method: "get",
    path,
    operationId: "listPolicyAcceptances",
    summary: "What the account has accepted, by version, newest first",
    tags,
    responses: { 200: jsonAnswer("The acceptances", AcceptancesSchema) },
  }),
);

const acceptRoute = createRoute(
  ofAccount({
    method: "post",
    path,
    operationId: "acceptPolicies",
    summary: "Accept the wordings that are in force",
    description: "Recorded by version, for good; the first acceptance of a version counts.",
    tags,
    request: { body: jsonBody(z.strictObject({ accepted: AcceptedSchema }).openapi("AcceptPolicies")) },
    responses: { 201: jsonAnswer("The acceptances", AcceptancesSchema) },
  }),
);

export function mountAcceptances(app: ApiRouter): void {
  app.openapi(listRoute, async (c) => {
    const { deps, session } = c.var;
    return c.json(present(await readAcceptances(deps, session.accountId)), 200);
  });

  app.openapi(acceptRoute, async (c) => {
    const { deps, session } = c.var;
    const { accountId } = session;
    const { terms, privacy, processingAbroad } = c.req.valid("json").accepted;
    const versions = { terms, privacy, processing_abroad: processingAbroad };
    const now = deps.clock.now();
    await deps.db.withoutShop((trx) => insertPolicyAcceptances(trx, { accountId, versions, now }));
    return c.json(present(await readAcceptances(deps, accountId)), 201);
  });
}

/** What the account is to be asked again; one that a command made was never asked. */
export async function listChanged(deps: ApiDeps, accountId: AccountId): Promise<PolicyName[]> {
  return changedPolicies(await readAcceptances(deps, accountId));
}

function readAcceptances({ db }: ApiDeps, accountId: AccountId): Promise<PolicyAcceptance[]> {
  return db.withoutShop((trx) => listPolicyAcceptances(trx, accountId));
}

function present(acceptances: readonly PolicyAcceptance[]) {
  const data = acceptances.map(({ policy, version, acceptedAt }) => {
    return { policy, version, acceptedAt: acceptedAt.toISOString() };
  });
  return { data, changed: changedPolicies(acceptances) };
}
