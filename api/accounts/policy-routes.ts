import { createRoute, z } from "@hono/zod-openapi";

import { policiesInForce, upcomingPolicies } from "../../domain/account/policy-version.ts";
import type { PolicyVersion } from "../../domain/account/policy-version.ts";
import { policyNames } from "../../domain/account/policies.ts";
import { readPolicyVersions } from "../auth/policies-in-force.ts";
import { problems } from "../problem.ts";
import type { ApiRouter } from "../router.ts";
import { TimeSchema } from "../v1/fields.schema.ts";
import { jsonAnswer } from "../v1/route-parts.ts";

const tags = ["accounts"];
const params = z.object({ policy: z.enum(policyNames) });
const WordsSchema = z.object({ my: z.string(), en: z.string() });

export const PolicyVersionSchema = z
  .object({
    policy: z.enum(policyNames),
    version: z.string().openapi({ example: "2027-02" }),
    text: WordsSchema,
    hash: z.string().openapi({ description: "SHA-256 of the wording in all its languages." }),
    summary: WordsSchema.openapi({ description: "What is different." }),
    isMaterial: z.boolean().openapi({ description: "It is accepted in so many words; else by going on." }),
    publishedAt: TimeSchema,
    effectiveAt: TimeSchema,
  })
  .openapi("PolicyVersion");

const PolicySchema = z
  .object({
    policy: z.enum(policyNames),
    version: z.string().openapi({ example: "2026-11" }),
    text: WordsSchema,
    hash: z.string(),
    effectiveAt: TimeSchema.nullable().openapi({ description: "Null: in force from the beginning." }),
    upcoming: z.array(PolicyVersionSchema).openapi({ description: "Published, and not in effect yet." }),
  })
  .openapi("Policy");

const getRoute = createRoute({
  method: "get",
  path: "/v1/policies/{policy}",
  operationId: "getPolicy",
  summary: "The wording in force, and what is announced",
  tags,
  security: [],
  request: { params },
  responses: { 200: jsonAnswer("The policy", PolicySchema), ...problems(422) },
});

const VersionsSchema = z.object({ data: z.array(PolicyVersionSchema) }).openapi("PolicyVersions");

const listRoute = createRoute({
  method: "get",
  path: "/v1/policies/{policy}/versions",
  operationId: "listPolicyVersions",
  summary: "All versions that were published, newest first",
  tags,
  security: [],
  request: { params },
  responses: { 200: jsonAnswer("The versions", VersionsSchema), ...problems(422) },
});

/** For everybody: also whoever has not accepted what is in force reads it here. */
export function mountPolicies(app: ApiRouter): void {
  app.openapi(getRoute, async (c) => {
    const { policy } = c.req.valid("param");
    const now = c.var.deps.clock.now();
    const versions = await readPolicyVersions(c.var.deps);
    const { version, text, hash, published } = policiesInForce(versions, now)[policy];
    const upcoming = upcomingPolicies(versions, now).filter((one) => one.policy === policy);
    const effectiveAt = published?.effectiveAt.toISOString() ?? null;
    return c.json({ policy, version, text, hash, effectiveAt, upcoming: upcoming.map(presentVersion) }, 200);
  });

  app.openapi(listRoute, async (c) => {
    const { policy } = c.req.valid("param");
    const versions = await readPolicyVersions(c.var.deps);
    return c.json({ data: versions.filter((one) => one.policy === policy).map(presentVersion) }, 200);
  });
}

export function presentVersion({ publishedAt, effectiveAt, ...version }: PolicyVersion) {
  return { ...version, publishedAt: publishedAt.toISOString(), effectiveAt: effectiveAt.toISOString() };
}
