import { createRoute, z } from "@hono/zod-openapi";

import { currentAttestations } from "../../domain/account/policies.ts";
import type { Statement } from "../../domain/account/policies.ts";
import { readPoliciesInForce } from "../auth/policies-in-force.ts";
import { checkOrigin } from "../auth/check-origin.ts";
import { clientNetwork } from "../client-network.ts";
import { problems, unreadableBody } from "../problem.ts";
import type { ApiRouter } from "../router.ts";
import { jsonAnswer, jsonBody } from "../v1/route-parts.ts";
import { mountAccessLog } from "./access-log-routes.ts";
import { demandInForce, mountAcceptances } from "./acceptance-routes.ts";
import { mountAppeals } from "./appeal-routes.ts";
import { CreateAccountBody, PoliciesSchema } from "./account.schema.ts";
import { mountChildReports } from "./child-report-routes.ts";
import { mountEmails } from "./email-routes.ts";
import { mountNewShops } from "./new-shop-routes.ts";
import { mountNoticePreferences } from "./notice-preference-routes.ts";
import { mountPasswords } from "./password-routes.ts";
import { mountPolicies } from "./policy-routes.ts";
import { signUp } from "./sign-up.ts";

const createAccountRoute = createRoute({
  method: "post",
  path: "/v1/accounts",
  operationId: "createAccount",
  summary: "Sign up",
  description:
    "An account needs an address and a password, nothing else. The answer is the same when the address has an account: " +
    "then its owner gets a mail. Until the link in the mail is followed the account can do nothing else.",
  tags: ["accounts"],
  security: [],
  request: { body: jsonBody(CreateAccountBody) },
  responses: {
    202: jsonAnswer("A mail is on its way", z.object({ state: z.literal("verification_sent") })),
    ...problems(403, 409, 422, 429),
    ...unreadableBody,
  },
});

const listPoliciesRoute = createRoute({
  method: "get",
  path: "/v1/policies",
  operationId: "listPolicies",
  summary: "What is accepted at sign-up and stated for a shop, with the versions in force",
  tags: ["accounts"],
  security: [],
  responses: { 200: jsonAnswer("The wordings", PoliciesSchema) },
});

/** Whatever an account does for itself. These stand before `authenticate`: they need no shop. */
export function mountAccounts(app: ApiRouter): void {
  app.openapi(createAccountRoute, async (c) => {
    checkOrigin(c, { isByCookie: false });
    const { deps, limits, background, requestId } = c.var;
    const { email, password, language, accepted, referralCode } = c.req.valid("json");
    const inForce = await demandInForce(deps, accepted);
    const openIt = await signUp(
      { deps, limits },
      {
        email,
        password,
        language,
        inForce,
        referralCode: referralCode ?? null,
        network: clientNetwork(c),
      },
    );
    background(openIt().catch((err: unknown) => deps.log.error({ requestId, err }, "account.not_opened")));
    return c.json({ state: "verification_sent" as const }, 202);
  });

  app.openapi(listPoliciesRoute, async (c) => {
    const inForce = await readPoliciesInForce(c.var.deps);
    return c.json({ policies: listed(inForce), attestations: listed(currentAttestations) }, 200);
  });

  mountPolicies(app);
  mountAcceptances(app);
  mountAccessLog(app);
  mountEmails(app);
  mountPasswords(app);
  mountAppeals(app);
  mountChildReports(app);
  mountNewShops(app);
  mountNoticePreferences(app);
}

function listed(statements: Record<string, Statement>) {
  return Object.entries(statements).map(([name, { version, text }]) => ({ name, version, text }));
}
