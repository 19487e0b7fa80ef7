import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { countRecoveryCodes, findSecondFactor } from "../../db/second-factors.ts";
import { listMemberships } from "../../db/system.ts";
import type { ApiEnv } from "../env.ts";
import { problems } from "../problem.ts";
import type { ApiRouter } from "../router.ts";
import { TimeSchema, timeOrNull } from "../v1/fields.schema.ts";
import { jsonAnswer, jsonBody } from "../v1/route-parts.ts";
import { takePoint } from "./rate-limits.ts";
import { mustHaveFactor } from "./require-factor.ts";
import { ofAccount } from "./require-session.ts";
import { setSessionCookie } from "./session-cookie.ts";
import {
  confirmSecondFactor,
  createRecoveryCodes,
  enrolFactor,
  removeSecondFactor,
} from "./second-factor.ts";
import { SteppedUpSchema, codeField } from "./session.schema.ts";
import { steppedUp } from "./step-up.ts";
import type { SteppedUp } from "./step-up.ts";

const tags = ["second factor"];
const forEnrolment = { isForEnrolment: true };

export const SecondFactorSchema = z
  .object({
    state: z.enum(["none", "waiting", "confirmed"]).openapi({ description: "`waiting` for its first code." }),
    confirmedAt: TimeSchema.nullable(),
    recoveryCodesLeft: z.int(),
    isRequired: z.boolean(),
  })
  .openapi("SecondFactor");

export const EnrolmentSchema = z
  .object({
    secret: z.string().openapi({ description: "To type into an authenticator app; shown once." }),
    uri: z.string().openapi({ description: "`otpauth://…`" }),
    qrSvg: z.string().openapi({ description: "The URI as a QR code, an SVG." }),
  })
  .openapi("Enrolment");

const recoveryCodes = z
  .array(z.string())
  .openapi({ description: "Each stands in for a code, once. Shown once." });

export const ConfirmedFactorSchema = SteppedUpSchema.extend({ recoveryCodes }).openapi("ConfirmedFactor");

const FactorCodeSchema = z.strictObject({ code: codeField }).openapi("FactorCode");

const FirstCodeSchema = z
  .strictObject({ code: z.string().min(6).max(12).openapi({ example: "123456" }) })
  .openapi("FirstCode");

const getRoute = createRoute(
  ofAccount(
    {
      method: "get",
      path: "/v1/second-factor",
      operationId: "getSecondFactor",
      tags,
      responses: { 200: jsonAnswer("How the account's second factor stands", SecondFactorSchema) },
    },
    forEnrolment,
  ),
);

const enrolRoute = createRoute(
  steppedUp(
    ofAccount(
      {
        method: "post",
        path: "/v1/second-factor",
        operationId: "enrolSecondFactor",
        description: "A new secret for an authenticator app. It counts once its first code is given.",
        tags,
        responses: { 201: jsonAnswer("The secret, shown once", EnrolmentSchema), ...problems(409) },
      },
      forEnrolment,
    ),
  ),
);

const confirmRoute = createRoute(
  steppedUp(
    ofAccount(
      {
        method: "post",
        path: "/v1/second-factor/confirm",
        operationId: "confirmSecondFactor",
        description: "From now on signing in needs a code. Every other session of the account ends.",
        tags,
        request: { body: jsonBody(FirstCodeSchema) },
        responses: {
          200: jsonAnswer("The recovery codes, and the session's new token", ConfirmedFactorSchema),
          ...problems(404),
        },
      },
      forEnrolment,
    ),
  ),
);

const codesRoute = createRoute(
  ofAccount({
    method: "post",
    path: "/v1/second-factor/recovery-codes",
    operationId: "createRecoveryCodes",
    description: "Demands a code itself: a sign-in of a minute ago is not enough.",
    tags,
    request: { body: jsonBody(FactorCodeSchema) },
    responses: {
      201: jsonAnswer("Ten new codes; those before are worth nothing", ConfirmedFactorSchema),
    },
  }),
);

const removeRoute = createRoute(
  ofAccount({
    method: "post",
    path: "/v1/second-factor/remove",
    operationId: "removeSecondFactor",
    description: "Demands a code itself: a sign-in of a minute ago is not enough.",
    tags,
    request: { body: jsonBody(FactorCodeSchema) },
    responses: { 200: jsonAnswer("Removed; every other session has ended", SteppedUpSchema) },
  }),
);

/** Before `authenticate`, like the sessions: an account has one factor for all of its shops. */
export function mountSecondFactor(app: ApiRouter): void {
  app.openapi(getRoute, async (c) => {
    const { deps, session } = c.var;
    const { accountId } = session;
    const memberships = await listMemberships(deps.system, accountId);
    const { factor, recoveryCodesLeft } = await deps.db.withoutShop(async (trx) => ({
      factor: await findSecondFactor(trx, accountId),
      recoveryCodesLeft: await countRecoveryCodes(trx, accountId),
    }));
    const confirmedAt = factor?.confirmedAt ?? null;
    const waiting = factor === undefined ? "none" : "waiting";
    return c.json(
      {
        state: confirmedAt === null ? waiting : "confirmed",
        confirmedAt: timeOrNull(confirmedAt),
        recoveryCodesLeft,
        isRequired: mustHaveFactor(deps, session, memberships),
      } as const,
      200,
    );
  });

  app.openapi(enrolRoute, async (c) => c.json(await enrolFactor(c.var.deps, c.var.session.accountId), 201));

  app.openapi(confirmRoute, async (c) => {
    const { deps, limits, session } = c.var;
    await takePoint(limits.sessionCodes, session.id);
    const { code } = c.req.valid("json");
    const { recoveryCodes, ...renewed } = await confirmSecondFactor(deps, session, code);
    return c.json({ ...presentRenewed(c, renewed), recoveryCodes }, 200);
  });

  app.openapi(codesRoute, async (c) => {
    const { deps, limits, session } = c.var;
    const { code } = c.req.valid("json");
    const { recoveryCodes, ...renewed } = await createRecoveryCodes({ deps, limits }, { session, code });
    return c.json({ ...presentRenewed(c, renewed), recoveryCodes }, 201);
  });

  app.openapi(removeRoute, async (c) => {
    const { deps, limits, session } = c.var;
    const { code } = c.req.valid("json");
    return c.json(presentRenewed(c, await removeSecondFactor({ deps, limits }, { session, code })), 200);
  });
}

function presentRenewed(c: Context<ApiEnv>, { token, steppedUpUntil }: SteppedUp) {
  setSessionCookie(c, token, c.var.session.expiresAt);
  return { token, steppedUpUntil: steppedUpUntil.toISOString() };
}
