import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { endSession } from "../../db/sessions.ts";
import { listMemberships, listPlatformRoles } from "../../db/system.ts";
import type { StoredSession } from "../../db/system.ts";
import { toTypeId } from "../../domain/id.ts";
import type { AccountId } from "../../domain/id.ts";
import { platformRoles } from "../../domain/platform-role.ts";
import type { ApiDeps } from "../deps.ts";
import { clientNetwork } from "../client-network.ts";
import type { ApiEnv } from "../env.ts";
import { signedIn } from "../openapi.ts";
import { problems, unreadableBody } from "../problem.ts";
import type { ApiRouter } from "../router.ts";
import { notSignedIn } from "./authenticate.ts";
import { checkOrigin } from "./check-origin.ts";
import { readCredential, readSession } from "./read-actor.ts";
import { clearSessionCookie, setSessionCookie } from "./session-cookie.ts";
import { signIn } from "./sign-in.ts";

const languages = z.enum(["my", "en"]);

const SessionSchema = z
  .object({
    accountId: z.string().openapi({ example: "acc_01h455vb4pex5vsknk084sn02q" }),
    language: languages,
    platformRoles: z.array(z.enum(platformRoles)),
    expiresAt: z.iso.datetime(),
    shops: z.array(z.object({ shopId: z.string(), name: z.string(), role: z.enum(["owner", "staff"]) })),
  })
  .openapi("Session");

const NewSessionSchema = SessionSchema.extend({
  token: z.string().openapi({ description: "For `Authorization: Bearer`; shown once." }),
}).openapi("NewSession");

const SignInSchema = z
  .strictObject({
    email: z.string().min(3).max(254),
    password: z.string().min(1).max(1_024),
    language: languages.default("my"),
  })
  .openapi("SignIn");

const json = <Schema extends z.ZodType>(schema: Schema) => ({ "application/json": { schema } });

const createSession = createRoute({
  method: "post",
  path: "/v1/sessions",
  operationId: "createSession",
  summary: "Sign in",
  tags: ["sessions"],
  security: [],
  request: { body: { content: json(SignInSchema), required: true } },
  responses: {
    201: { description: "Signed in; a session cookie is set as well", content: json(NewSessionSchema) },
    ...problems(401, 403, 422, 429),
    ...unreadableBody,
  },
});

const getCurrentSession = createRoute({
  method: "get",
  path: "/v1/sessions/current",
  operationId: "getCurrentSession",
  summary: "Who is signed in, and for which shops",
  tags: ["sessions"],
  security: signedIn,
  responses: { 200: { description: "The session", content: json(SessionSchema) }, ...problems(401) },
});

const endCurrentSession = createRoute({
  method: "delete",
  path: "/v1/sessions/current",
  operationId: "endCurrentSession",
  summary: "Sign out",
  tags: ["sessions"],
  security: signedIn,
  responses: { 204: { description: "Signed out" }, ...problems(401, 403) },
});

/** Signing in and out. These stand before `authenticate`: they need no shop. */
export function mountSessions(app: ApiRouter): void {
  app.openapi(createSession, async (c) => {
    checkOrigin(c, { isByCookie: false });
    const { deps, limits } = c.var;
    const { email, password, language } = c.req.valid("json");
    const network = clientNetwork(c);
    const { token, accountId, expiresAt } = await signIn(
      { deps, limits },
      { email, password, language, network },
    );
    setSessionCookie(c, token, expiresAt);
    c.header("cache-control", "no-store");
    const session = await readSession(deps, token);
    if (session === undefined) throw notSignedIn();
    return c.json({ token, ...(await present(deps, session, accountId)) }, 201);
  });

  app.openapi(getCurrentSession, async (c) => {
    const { session } = await currentSession(c);
    c.header("cache-control", "no-store");
    return c.json(await present(c.var.deps, session, session.accountId), 200);
  });

  app.openapi(endCurrentSession, async (c) => {
    const { session, isByCookie } = await currentSession(c);
    if (isByCookie) checkOrigin(c, { isByCookie });
    const { db, clock } = c.var.deps;
    await db.withoutShop((trx) => endSession(trx, { id: session.id, now: clock.now() }));
    clearSessionCookie(c);
    return c.body(null, 204);
  });
}

async function currentSession(c: Context<ApiEnv>): Promise<{ session: StoredSession; isByCookie: boolean }> {
  const credential = readCredential(c);
  const session = credential && (await readSession(c.var.deps, credential.token));
  if (credential === undefined || session === undefined) throw notSignedIn();
  return { session, isByCookie: credential.from === "cookie" };
}

async function present(
  deps: ApiDeps,
  session: StoredSession,
  accountId: AccountId,
): Promise<z.infer<typeof SessionSchema>> {
  const memberships = await listMemberships(deps.system, accountId);
  return {
    accountId: toTypeId("acc", accountId),
    language: session.language,
    platformRoles: await listPlatformRoles(deps.system, accountId),
    expiresAt: session.expiresAt.toISOString(),
    shops: memberships.map(({ shopId, role, shopName }) => ({
      shopId: toTypeId("shop", shopId),
      name: shopName,
      role,
    })),
  };
}
