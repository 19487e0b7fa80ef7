import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { publishPolicyVersion } from "../../../db/policy-versions.ts";
import { earliestEffect, judgePublishing } from "../../../domain/account/policy-version.ts";
import type { PolicyVersion } from "../../../domain/account/policy-version.ts";
import { policyNames, wordingHash } from "../../../domain/account/policies.ts";
import { AppError } from "../../../domain/app-error.ts";
import { PolicyVersionSchema, presentVersion } from "../../accounts/policy-routes.ts";
import { forgetPolicyVersions, readPolicyVersions } from "../../auth/policies-in-force.ts";
import { steppedUp } from "../../auth/step-up.ts";
import type { ApiEnv } from "../../env.ts";
import { idempotent } from "../../idempotency.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { TimeSchema, notFoundHere, textOf } from "../fields.schema.ts";
import { jsonAnswer, jsonBody } from "../route-parts.ts";
import { adminOf } from "./admin-of.ts";

export const policyVersionRoutes = createRouter();

const words = (most: number) => z.strictObject({ my: textOf(most).min(1), en: textOf(most).min(1) });

const PublishSchema = z
  .strictObject({
    version: z
      .string()
      .regex(/^[0-9a-z][0-9a-z.-]{0,39}$/u)
      .openapi({ example: "2027-02" }),
    text: words(50_000),
    summary: words(2_000),
    isMaterial: z.boolean(),
    effectiveAt: TimeSchema.optional().openapi({
      description: "The earliest without it: 14 days from now for a material change, now for a minor one.",
    }),
  })
  .openapi("PublishPolicyVersion");

async function readAgain(c: Context<ApiEnv>) {
  const { version } = PublishSchema.parse(await c.req.json());
  const versions = await readPolicyVersions(c.var.deps);
  const published = versions.find((one) => one.policy === c.req.param("policy") && one.version === version);
  if (published === undefined) throw notFoundHere("policy version");
  return presentVersion(published);
}

const publishRoute = createRoute(
  idempotent(
    steppedUp(
      scoped("policies.publish", {
        operationId: "publishPolicyVersion",
        method: "post",
        path: "/v1/admin/policies/{policy}/versions",
        tags: ["Admin: policies"],
        description:
          "Told to each active account in the product and by mail. It never changes afterwards; a material change takes effect in 14 days at the earliest.",
        request: { params: z.object({ policy: z.enum(policyNames) }), body: jsonBody(PublishSchema) },
        responses: { 201: jsonAnswer("The version", PolicyVersionSchema), ...problems(409) },
      }),
    ),
    readAgain,
  ),
);

policyVersionRoutes.openapi(publishRoute, async (c) => {
  const { deps } = c.var;
  const { policy } = c.req.valid("param");
  const { version, text, summary, isMaterial, effectiveAt } = c.req.valid("json");
  const now = deps.clock.now();
  const row: PolicyVersion = {
    policy,
    version,
    text,
    hash: wordingHash(policy, { version, text }),
    summary,
    isMaterial,
    publishedAt: now,
    effectiveAt: effectiveAt === undefined ? earliestEffect(isMaterial, now) : new Date(effectiveAt),
  };
  const verdict = await publishPolicyVersion(deps.admin, {
    version: row,
    by: adminOf(c),
    judge: (published) => judgePublishing(row, published, now),
  });
  if (verdict !== "fits") throw refusalOf(verdict);
  forgetPolicyVersions(deps);
  return c.json(presentVersion(row), 201);
});

type Refusal = Exclude<ReturnType<typeof judgePublishing>, "fits">;

const refusals: Record<Refusal, string> = {
  too_early: "A material change takes effect in 14 days at the earliest, any other not in the past.",
  not_later: "It must take effect after every version before it.",
  version_taken: "There is a version by that name.",
};

function refusalOf(verdict: Refusal): AppError {
  const kind = verdict === "version_taken" ? "conflict" : "invalid";
  return new AppError(kind, `policy.${verdict}`, { internal: verdict, public: refusals[verdict] });
}
