import { createRoute, z } from "@hono/zod-openapi";

import { useAccountToken } from "../../db/account-tokens.ts";
import { lockAccount } from "../../db/accounts.ts";
import { endSessionsOf } from "../../db/sessions.ts";
import type { StoredSession } from "../../db/system.ts";
import { AppError } from "../../domain/app-error.ts";
import { readBrowser } from "../auth/browser-cookie.ts";
import { browserIndexOf, noteBrowser } from "../auth/note-browser.ts";
import { readStemIndex } from "../auth/note-email.ts";
import { ofAccount } from "../auth/require-session.ts";
import { setSessionCookie } from "../auth/session-cookie.ts";
import { newTokenField } from "../auth/session.schema.ts";
import { renewToken, steppedUpByFactor } from "../auth/step-up.ts";
import { clientNetwork } from "../client-network.ts";
import type { ApiDeps } from "../deps.ts";
import { problems } from "../problem.ts";
import type { ApiRouter } from "../router.ts";
import { jsonAnswer, jsonBody } from "../v1/route-parts.ts";
import { deadLink, withAccounts } from "./account-changes.ts";
import { EmailField, PasswordField, TokenField } from "./account.schema.ts";
import { mayMail, takeMailPoint } from "./ask-for-mail.ts";
import { askForEmailChange, confirmEmailChange } from "./change-email.ts";
import { hashMailToken } from "./mail-token.ts";
import { proveAddress, withVerification } from "./prove-address.ts";
import { prepareVerification, queueVerification } from "./verification.ts";

const tags = ["accounts"];
const Sent = z.object({ state: z.literal("mail_sent") });
const Verified = z.object({ isVerified: z.literal(true), token: newTokenField });

const verifyRoute = createRoute(
  ofAccount(
    {
      method: "post",
      path: "/v1/email-verifications",
      operationId: "verifyEmail",
      summary: "Prove the address of the account that is signed in",
      description:
        "Needs the session of the very account: a link alone would let a stranger's sign-up be completed by whoever taps it.",
      tags,
      request: { body: jsonBody(z.strictObject({ token: TokenField }).openapi("VerifyEmail")) },
      responses: { 200: jsonAnswer("Verified", Verified) },
    },
    { isForUnverified: true },
  ),
);

const resendRoute = createRoute(
  ofAccount(
    {
      method: "post",
      path: "/v1/email-verifications/resend",
      operationId: "resendEmailVerification",
      summary: "Mail a new link; the old one is void",
      tags,
      responses: { 202: jsonAnswer("A mail is on its way", Sent), ...problems(409) },
    },
    { isForUnverified: true },
  ),
);

const changeRoute = createRoute(
  steppedUpByFactor(
    ofAccount({
      method: "post",
      path: "/v1/email-changes",
      operationId: "requestEmailChange",
      summary: "Mail a link to a new address, which takes effect when it is followed",
      tags,
      request: {
        body: jsonBody(
          z.strictObject({ email: EmailField, password: PasswordField }).openapi("RequestEmailChange"),
        ),
      },
      responses: { 202: jsonAnswer("A mail is on its way", Sent) },
    }),
  ),
);

const confirmRoute = createRoute(
  steppedUpByFactor(
    ofAccount({
      method: "post",
      path: "/v1/email-changes/confirm",
      operationId: "confirmEmailChange",
      summary:
        "Take the new address; the old one gets a notice, other sessions end, this one gets a new token",
      tags,
      request: { body: jsonBody(z.strictObject({ token: TokenField }).openapi("ConfirmEmailChange")) },
      responses: { 200: jsonAnswer("The address is the new one", Verified), ...problems(409) },
    }),
  ),
);

export function mountEmails(app: ApiRouter): void {
  app.openapi(verifyRoute, async (c) => {
    const { deps, session } = c.var;
    const browser = readBrowser(c) ?? null;
    const token = await verifyEmail(deps, session, { token: c.req.valid("json").token, browser });
    setSessionCookie(c, token, session.expiresAt);
    return c.json({ isVerified: true as const, token }, 200);
  });

  app.openapi(resendRoute, async (c) => {
    const { deps, limits, session } = c.var;
    await takeMailPoint(limits, { network: clientNetwork(c), target: session.accountId });
    await resendVerification(deps, session);
    return c.json({ state: "mail_sent" as const }, 202);
  });

  app.openapi(changeRoute, async (c) => {
    const { deps, limits, session } = c.var;
    const wanted = { ...c.req.valid("json"), network: clientNetwork(c) };
    await askForEmailChange({ deps, limits }, session, wanted);
    return c.json({ state: "mail_sent" as const }, 202);
  });

  app.openapi(confirmRoute, async (c) => {
    const { deps, session } = c.var;
    const token = await confirmEmailChange(deps, session, c.req.valid("json").token);
    setSessionCookie(c, token, session.expiresAt);
    return c.json({ isVerified: true as const, token }, 200);
  });
}

/** Every other session ends, and this one gets the token that is answered. A second tap on the link says yes as well. */
async function verifyEmail(
  deps: ApiDeps,
  session: StoredSession,
  { token, browser }: { token: string; browser: string | null },
): Promise<string> {
  const { accountId, id: except } = session;
  if (session.verifiedAt !== null)
    return deps.db.withoutShop((trx) => renewToken(trx, session, deps.clock.now()));
  const stemIndex = await readStemIndex(deps, accountId);
  if (stemIndex === undefined) throw deadLink();
  const browserIndex = browser === null ? null : await browserIndexOf(deps.blindIndexer, browser);
  const now = deps.clock.now();
  return withVerification(deps, async (trx) => {
    const link = { tokenHash: hashMailToken(token), kind: "verify_email", now } as const;
    const used = await useAccountToken(trx, link);
    if (used?.accountId !== accountId) throw deadLink(); // and is not used up: it is another's
    await proveAddress(trx, { accountId, stemIndex, now });
    if (browserIndex !== null) await noteBrowser(trx, { accountId, browserIndex, now });
    await endSessionsOf(trx, { accountId, except, now });
    return renewToken(trx, session, now);
  });
}

async function resendVerification(deps: ApiDeps, { accountId }: StoredSession): Promise<void> {
  const verification = await prepareVerification(deps, accountId);
  const now = deps.clock.now();
  await withAccounts(deps, async (trx) => {
    const account = await lockAccount(trx, accountId);
    if (account === undefined || account.verifiedAt !== null) throw verifiedBefore();
    if (!(await mayMail(trx, { accountId, kinds: ["verify_email"], now }))) return;
    await queueVerification(trx, { accountId, verification, language: account.language, now });
  });
}

function verifiedBefore(): AppError {
  return new AppError("conflict", "account.verified", {
    internal: "the address is verified",
    public: "The address is confirmed already.",
  });
}
