import { z } from "@hono/zod-openapi";

import { listMemberships, listPlatformRoles } from "../../db/system.ts";
import type { StoredSession } from "../../db/system.ts";
import { membershipRoles } from "../../domain/account/roles.ts";
import { stepUpEnd } from "../../domain/account/session-life.ts";
import { toTypeId } from "../../domain/id.ts";
import { platformRoles } from "../../domain/platform-role.ts";
import type { ApiDeps } from "../deps.ts";
import { lacksFactor } from "./require-factor.ts";

const languages = z.enum(["my", "en"]);

export const SessionSchema = z
  .object({
    accountId: z.string().openapi({ example: "acc_01h455vb4pex5vsknk084sn02q" }),
    language: languages,
    platformRoles: z.array(z.enum(platformRoles)),
    isVerified: z.boolean().openapi({ description: "False: only verifying the address is allowed." }),
    expiresAt: z.iso.datetime(),
    hasFactor: z.boolean(),
    isFactorRequired: z.boolean().openapi({
      description: "The account must have a second factor, and lacks it: it may do nothing but enrol.",
    }),
    steppedUpUntil: z.iso.datetime().nullable().openapi({
      description: "Until then this session may change what is guarded by a step-up.",
    }),
    shops: z.array(z.object({ shopId: z.string(), name: z.string(), role: z.enum(membershipRoles) })),
  })
  .openapi("Session");

export const NewSessionSchema = SessionSchema.extend({
  token: z.string().openapi({ description: "For `Authorization: Bearer`; shown once." }),
}).openapi("NewSession");

export const SignInSchema = z
  .strictObject({
    email: z.string().min(3).max(254).openapi({ description: "The address, or the username." }),
    password: z.string().min(1).max(1_024),
    language: languages.default("my"),
  })
  .openapi("SignIn");

export const CodeNeededSchema = z
  .object({
    codeToken: z.string().openapi({ description: "For `completeSignIn`, and for nothing else." }),
    expiresAt: z.iso.datetime(),
  })
  .openapi("CodeNeeded");

export const codeField = z
  .string()
  .min(6)
  .max(64)
  .openapi({ description: "Six digits of the authenticator app, or a recovery code.", example: "123456" });

export const CompleteSignInSchema = z
  .strictObject({ codeToken: z.string().min(1).max(100), code: codeField })
  .openapi("CompleteSignIn");

export const StepUpSchema = z
  .union([z.strictObject({ code: codeField }), z.strictObject({ password: z.string().min(1).max(1_024) })])
  .openapi("StepUp");

export const newTokenField = z
  .string()
  .openapi({ description: "The session's new token; the one before is worth nothing." });

export const SteppedUpSchema = z
  .object({
    token: newTokenField,
    steppedUpUntil: z.iso.datetime(),
  })
  .openapi("SteppedUp");

export async function toSession(
  deps: ApiDeps,
  session: StoredSession,
): Promise<z.infer<typeof SessionSchema>> {
  const memberships = await listMemberships(deps.system, session.accountId);
  const { steppedUpAt } = session;
  return {
    accountId: toTypeId("acc", session.accountId),
    language: session.language,
    platformRoles: await listPlatformRoles(deps.system, session.accountId),
    isVerified: session.verifiedAt !== null,
    expiresAt: session.expiresAt.toISOString(),
    hasFactor: session.hasFactor,
    isFactorRequired: lacksFactor(deps, session, memberships),
    steppedUpUntil: steppedUpAt === null ? null : stepUpEnd(steppedUpAt).toISOString(),
    shops: memberships.map(({ shopId, role, shopName }) => ({
      shopId: toTypeId("shop", shopId),
      name: shopName,
      role,
    })),
  };
}
