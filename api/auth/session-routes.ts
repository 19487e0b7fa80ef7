import { createRoute } from "@hono/zod-openapi";
import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { endSession } from "../../db/sessions.ts";
import type { ApiEnv } from "../env.ts";
import { problems, unreadableBody } from "../problem.ts";
import type { ApiRouter } from "../router.ts";
import { jsonAnswer, jsonBody } from "../v1/route-parts.ts";
import { notSignedIn } from "./authenticate.ts";
import { setBrowserCookie } from "./browser-cookie.ts";
import { checkOrigin } from "./check-origin.ts";
import { readSession } from "./read-actor.ts";
import { ofAccount } from "./require-session.ts";
import { clearSessionCookie, setSessionCookie } from "./session-cookie.ts";
import { originOf } from "./session-origin.ts";
import type { Origin } from "./session-origin.ts";
import {
  CodeNeededSchema,
  CompleteSignInSchema,
  NewSessionSchema,
  SessionSchema,
  SignInSchema,
  StepUpSchema,
  SteppedUpSchema,
  toSession,
} from "./session.schema.ts";
import { completeSignIn, signIn } from "./sign-in.ts";
import type { SignedIn } from "./start-session.ts";
import { stepUp } from "./step-up.ts";

const tags = ["sessions"];

const createSession = createRoute({
  method: "post",
  path: "/v1/sessions",
  operationId: "createSession",
  summary: "Sign in",
  tags,
  security: [],
  request: { body: jsonBody(SignInSchema) },
  responses: {
    200: jsonAnswer("The password is right; the second factor's code is needed", CodeNeededSchema),
    201: jsonAnswer("Signed in; a session cookie is set as well", NewSessionSchema),
    ...problems(401, 403, 422, 429),
    ...unreadableBody,
  },
});

const completeRoute = createRoute({
  method: "post",
  path: "/v1/sessions/code",
  operationId: "completeSignIn",
  summary: "Give the second factor's code after the password",
  tags,
  security: [],
  request: { body: jsonBody(CompleteSignInSchema) },
  responses: {
    201: jsonAnswer("Signed in; a session cookie is set as well", NewSessionSchema),
    ...problems(401, 403, 422, 429),
    ...unreadableBody,
  },
});

const getCurrentSession = createRoute(
  ofAccount(
    {
      method: "get",
      path: "/v1/sessions/current",
      operationId: "getCurrentSession",
      summary: "Who is signed in, and for which shops",
      tags,
      responses: { 200: jsonAnswer("The session", SessionSchema) },
    },
    { isForUnverified: true },
  ),
);

const endCurrentSession = createRoute(
  ofAccount(
    {
      method: "delete",
      path: "/v1/sessions/current",
      operationId: "endCurrentSession",
      summary: "Sign out",
      tags,
      responses: { 204: { description: "Signed out" } },
    },
    { isForUnverified: true },
  ),
);

const stepUpRoute = createRoute(
  ofAccount(
    {
      method: "post",
      path: "/v1/sessions/current/step-up",
      operationId: "stepUpSession",
      summary: "Prove again who you are",
      description:
        "For ten minutes the session may then change factors, API keys, members and accounts for money. Signing in counts as well. Where there is a second factor its code is needed, else the password.",
      tags,
      request: { body: jsonBody(StepUpSchema) },
      responses: { 200: jsonAnswer("The session goes on under a new token", SteppedUpSchema) },
    },
    { isForEnrolment: true },
  ),
);

/** Signing in and out. These stand before `authenticate`: they need no shop. */
export function mountSessions(app: ApiRouter): void {
  app.openapi(createSession, async (c) => {
    checkOrigin(c, { isByCookie: false });
    const { deps, limits } = c.var;
    c.header("cache-control", "no-store");
    const origin = originOf(c);
    const answer = await signIn({ deps, limits }, { ...c.req.valid("json"), origin });
    if (answer.state === "code_needed") {
      const { codeToken, expiresAt } = answer;
      return c.json({ codeToken, expiresAt: expiresAt.toISOString() }, 200);
    }
    return c.json(await presentNew(c, answer, origin), 201);
  });

  app.openapi(completeRoute, async (c) => {
    checkOrigin(c, { isByCookie: false });
    const { deps, limits } = c.var;
    c.header("cache-control", "no-store");
    const origin = originOf(c);
    const signedIn = await completeSignIn({ deps, limits }, { ...c.req.valid("json"), origin });
    return c.json(await presentNew(c, signedIn, origin), 201);
  });

  app.openapi(getCurrentSession, async (c) => c.json(await toSession(c.var.deps, c.var.session), 200));

  app.openapi(endCurrentSession, async (c) => {
    const { session, deps } = c.var;
    const now = deps.clock.now();
    await deps.db.withoutShop((trx) => endSession(trx, { id: session.id, now }));
    clearSessionCookie(c);
    return c.body(null, 204);
  });

  app.openapi(stepUpRoute, async (c) => {
    const { deps, limits, session } = c.var;
    const { token, steppedUpUntil } = await stepUp({ deps, limits }, session, c.req.valid("json"));
    setSessionCookie(c, token, session.expiresAt);
    return c.json({ token, steppedUpUntil: steppedUpUntil.toISOString() }, 200);
  });
}

async function presentNew(
  c: Context<ApiEnv>,
  { token, expiresAt }: SignedIn,
  { browser }: Origin,
): Promise<z.infer<typeof NewSessionSchema>> {
  const { deps } = c.var;
  setSessionCookie(c, token, expiresAt);
  setBrowserCookie(c, browser);
  const session = await readSession(deps, token);
  if (session === undefined) throw notSignedIn();
  return { token, ...(await toSession(deps, session)) };
}
