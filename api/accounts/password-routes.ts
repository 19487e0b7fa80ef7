import { createRoute, z } from "@hono/zod-openapi";

import { program } from "../../domain/account/device.ts";
import { setBrowserCookie } from "../auth/browser-cookie.ts";
import { checkOrigin } from "../auth/check-origin.ts";
import { ofAccount } from "../auth/require-session.ts";
import { newTokenField } from "../auth/session.schema.ts";
import { steppedUpByFactor } from "../auth/step-up.ts";
import { setSessionCookie } from "../auth/session-cookie.ts";
import { originOf } from "../auth/session-origin.ts";
import { clientNetwork } from "../client-network.ts";
import { problems, unreadableBody } from "../problem.ts";
import type { ApiRouter } from "../router.ts";
import { jsonAnswer, jsonBody } from "../v1/route-parts.ts";
import { EmailField, NewPasswordField, PasswordField, TokenField } from "./account.schema.ts";
import { askForReset, changePassword, completeReset } from "./change-password.ts";

const tags = ["accounts"];

const resetRoute = createRoute({
  method: "post",
  path: "/v1/password-resets",
  operationId: "requestPasswordReset",
  summary: "Mail a link for a new password, good once within 30 minutes",
  description: "The answer is the same for an address without an account.",
  tags,
  security: [],
  request: { body: jsonBody(z.strictObject({ email: EmailField }).openapi("RequestPasswordReset")) },
  responses: {
    202: jsonAnswer(
      "If there is an account, a mail is on its way",
      z.object({ state: z.literal("mail_sent") }),
    ),
    ...problems(403, 422, 429),
    ...unreadableBody,
  },
});

const completeRoute = createRoute({
  method: "post",
  path: "/v1/password-resets/complete",
  operationId: "completePasswordReset",
  summary: "Set the new password",
  description: "Ends every session and signs nobody in; a second factor stays as it is.",
  tags,
  security: [],
  request: {
    body: jsonBody(
      z.strictObject({ token: TokenField, password: NewPasswordField }).openapi("CompletePasswordReset"),
    ),
  },
  responses: { 204: { description: "Set" }, ...problems(403, 422, 429), ...unreadableBody },
});

const changeRoute = createRoute(
  steppedUpByFactor(
    ofAccount({
      method: "post",
      path: "/v1/accounts/current/password",
      operationId: "changePassword",
      summary: "Change the password of the account that is signed in; its other sessions end",
      tags,
      request: {
        body: jsonBody(
          z
            .strictObject({ currentPassword: PasswordField, newPassword: NewPasswordField })
            .openapi("ChangePassword"),
        ),
      },
      responses: {
        200: jsonAnswer("Changed; the session goes on under a new token", z.object({ token: newTokenField })),
        ...problems(409),
      },
    }),
  ),
);

export function mountPasswords(app: ApiRouter): void {
  app.openapi(resetRoute, async (c) => {
    checkOrigin(c, { isByCookie: false });
    const { deps, limits, background, requestId } = c.var;
    const { email } = c.req.valid("json");
    const mailIt = await askForReset({ deps, limits }, { email, network: clientNetwork(c) });
    background(mailIt().catch((err: unknown) => deps.log.error({ requestId, err }, "reset.not_mailed")));
    return c.json({ state: "mail_sent" as const }, 202);
  });

  app.openapi(completeRoute, async (c) => {
    checkOrigin(c, { isByCookie: false });
    const { deps } = c.var;
    const origin = originOf(c);
    await completeReset(deps, { ...c.req.valid("json"), origin });
    if (origin.device !== program) setBrowserCookie(c, origin.browser);
    return c.body(null, 204);
  });

  app.openapi(changeRoute, async (c) => {
    const { deps, limits, session } = c.var;
    const token = await changePassword({ deps, limits }, session, c.req.valid("json"));
    setSessionCookie(c, token, session.expiresAt);
    return c.json({ token }, 200);
  });
}
