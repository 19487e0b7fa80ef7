import { createRoute, z } from "@hono/zod-openapi";

import { insertAppeal, listOpenAppeals } from "../../db/account-appeals.ts";
import { accountPlace, lockAccount } from "../../db/accounts.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId, toTypeId } from "../../domain/id.ts";
import type { AccountId, AppealId } from "../../domain/id.ts";
import { normaliseText } from "../../domain/text/normalise-text.ts";
import { checkOrigin } from "../auth/check-origin.ts";
import { originOf } from "../auth/session-origin.ts";
import { proveAccount } from "../auth/sign-in.ts";
import type { ApiDeps } from "../deps.ts";
import { problems, unreadableBody } from "../problem.ts";
import type { ApiRouter } from "../router.ts";
import { idText } from "../v1/fields.schema.ts";
import { jsonAnswer, jsonBody } from "../v1/route-parts.ts";
import { withAccounts } from "./account-changes.ts";
import { AppealBody } from "./account.schema.ts";
import { takeMailPoint } from "./ask-for-mail.ts";

/** Enough to add what was forgotten; no flood for those who decide. */
const mostOpen = 3;

const appealRoute = createRoute({
  method: "post",
  path: "/v1/account-appeals",
  operationId: "createAccountAppeal",
  summary: "Ask for a suspended account to be looked at again",
  description: "A suspended account cannot sign in: the password stands in the request.",
  tags: ["accounts"],
  security: [],
  request: { body: jsonBody(AppealBody) },
  responses: {
    201: jsonAnswer("A person will decide", z.object({ id: idText("apl"), state: z.literal("open") })),
    ...problems(401, 403, 409, 422, 429),
    ...unreadableBody,
  },
});

export function mountAppeals(app: ApiRouter): void {
  app.openapi(appealRoute, async (c) => {
    checkOrigin(c, { isByCookie: false });
    const { deps, limits } = c.var;
    const { text, email, password } = c.req.valid("json");
    const origin = originOf(c);
    const account = await proveAccount({ deps, limits }, { email, password, origin });
    await takeMailPoint(limits, { network: origin.network, target: account.id });
    const id = await appeal(deps, account.id, text);
    return c.json({ id: toTypeId("apl", id), state: "open" as const }, 201);
  });
}

async function appeal(deps: ApiDeps, accountId: AccountId, text: string): Promise<AppealId> {
  const id = newId<AppealId>();
  const place = accountPlace(accountId, "account.appeal", id);
  const [body] = await deps.sealer.seal([{ place, plaintext: normaliseText(text) }]);
  if (body === undefined) throw new TypeError("nothing was sealed");
  const now = deps.clock.now();
  await withAccounts(deps, async (trx) => {
    const account = await lockAccount(trx, accountId);
    if (account === undefined || account.suspendedFor === null) throw notSuspended();
    if ((await listOpenAppeals(trx, { accountId, limit: mostOpen })).length >= mostOpen) throw enough();
    await insertAppeal(trx, { id, accountId, body, now });
  });
  return id;
}

function notSuspended(): AppError {
  return new AppError("conflict", "account.not_suspended", {
    internal: "the account is not suspended",
    public: "This account is not suspended.",
  });
}

function enough(): AppError {
  return new AppError("conflict", "appeal.still_open", {
    internal: "as many appeals as may be are open",
    public: "Your appeals are still being looked at.",
  });
}
