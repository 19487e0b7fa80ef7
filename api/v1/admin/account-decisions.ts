import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { findAccountOfAny, findAppealOfAny } from "../../../db/admin-accounts.ts";
import type { AccountRow } from "../../../db/admin-accounts.ts";
import { findParticipant } from "../../../db/referrals.ts";
import { changeSuspension, settleAppeal } from "../../../db/suspend-account.ts";
import { suspensionReasons } from "../../../domain/account/suspension.ts";
import type { SuspensionReason } from "../../../domain/account/suspension.ts";
import { AppError } from "../../../domain/app-error.ts";
import type { AccountId, AppealId } from "../../../domain/id.ts";
import { steppedUp } from "../../auth/step-up.ts";
import type { ApiEnv } from "../../env.ts";
import { idempotent } from "../../idempotency.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { found, pathId, pathParams } from "../fields.schema.ts";
import { ringPayouts } from "../ring-payouts.ts";
import { jsonAnswer, jsonBody } from "../route-parts.ts";
import { AccountCaseSummarySchema, toAccountSummary } from "./account-case.schema.ts";
import { adminOf } from "./admin-of.ts";

export const accountDecisionRoutes = createRouter();

const answer = jsonAnswer("The account as it is now", AccountCaseSummarySchema);

const suspendRoute = createRoute(
  decision(
    {
      operationId: "suspendAccount",
      method: "post",
      path: "/v1/admin/accounts/{accountId}/suspend",
      tags: ["Admin: accounts"],
      description:
        "Ends the account's sessions and mails it. Its shops go on; its payouts are held. Not one's own.",
      request: {
        params: pathParams("accountId", "acc"),
        body: jsonBody(z.strictObject({ reason: z.enum(suspensionReasons) }).openapi("SuspendAccount")),
      },
      responses: { 200: answer, ...problems(404, 409) },
    },
    (c) => readAccount(c, accountIdOf(c)),
  ),
);

accountDecisionRoutes.openapi(suspendRoute, async (c) => {
  return c.json(await suspend(c, c.req.valid("json").reason), 200);
});

const reinstateRoute = createRoute(
  decision(
    {
      operationId: "reinstateAccount",
      method: "post",
      path: "/v1/admin/accounts/{accountId}/reinstate",
      tags: ["Admin: accounts"],
      description: "Opens the account again, grants the appeals that wait, and mails it.",
      request: { params: pathParams("accountId", "acc") },
      responses: { 200: answer, ...problems(404) },
    },
    (c) => readAccount(c, accountIdOf(c)),
  ),
);

accountDecisionRoutes.openapi(reinstateRoute, async (c) => {
  const { deps } = c.var;
  const accountId = accountIdOf(c);
  await readAccount(c, accountId);
  await changeSuspension(deps.admin, { accountId, reason: null, by: adminOf(c), now: deps.clock.now() });
  return c.json(toAccountSummary(await changed(c, accountId)), 200);
});

const grantRoute = createRoute(appealRoute("grantAccountAppeal", "grant", "Opens the account again."));

accountDecisionRoutes.openapi(grantRoute, async (c) => c.json(await settle(c, "granted"), 200));

const refuseRoute = createRoute(
  appealRoute("refuseAccountAppeal", "refuse", "The account stays suspended, and its owner hears of it."),
);

accountDecisionRoutes.openapi(refuseRoute, async (c) => c.json(await settle(c, "refused"), 200));

/** A proof of who decides, and the same answer for the same key. */
function decision<const Route extends Parameters<typeof scoped>[1]>(
  route: Route,
  readAgain: (c: Context<ApiEnv>) => Promise<AccountRow>,
) {
  const guarded = steppedUp(scoped("accounts.suspend", route));
  return idempotent(guarded, async (c) => toAccountSummary(await readAgain(c)));
}

function appealRoute<const Name extends string, const Verb extends string>(
  operationId: Name,
  verb: Verb,
  description: string,
) {
  return decision(
    {
      operationId,
      method: "post",
      path: `/v1/admin/account-appeals/{appealId}/${verb}`,
      tags: ["Admin: accounts"],
      description: `${description} Never by the admin who suspended it.`,
      request: { params: pathParams("appealId", "apl") },
      responses: { 200: answer, ...problems(404, 409) },
    },
    async (c) => readAccount(c, (await readAppeal(c)).account_id),
  );
}

async function suspend(c: Context<ApiEnv>, reason: SuspensionReason) {
  const { admin, clock } = c.var.deps;
  const [accountId, by] = [accountIdOf(c), adminOf(c)];
  if (accountId === by) throw notTheirs("account.own", "You cannot suspend yourself.");
  const before = await readAccount(c, accountId);
  const isNew = await changeSuspension(admin, { accountId, reason, by, now: clock.now() });
  // The same word of the same admin is answered as recorded.
  const isSame = before.suspended_by === by && before.suspended_for === reason;
  if (!isNew && !isSame) throw conflict("account.suspended_already", "This account is suspended already.");
  return toAccountSummary(await changed(c, accountId));
}

async function settle(c: Context<ApiEnv>, to: "granted" | "refused") {
  const { admin, clock } = c.var.deps;
  const [id, by] = [appealIdOf(c), adminOf(c)];
  const result = await settleAppeal(admin, { id, to, by, now: clock.now() });
  if (result === "same_person") {
    throw notTheirs("appeal.same_person", "You suspended this account: somebody else must answer.");
  }
  const appeal = await readAppeal(c);
  const isSame = appeal.state === to && appeal.decided_by === by;
  if (result === "decided_before" && !isSame) {
    throw conflict("appeal.already_decided", "This appeal was answered already.");
  }
  return toAccountSummary(await changed(c, appeal.account_id));
}

/** The account as it is now; its payouts look again at what stands in their way. */
async function changed(c: Context<ApiEnv>, accountId: AccountId): Promise<AccountRow> {
  const participant = await c.var.deps.db.withoutShop((trx) => findParticipant(trx, accountId));
  if (participant !== undefined) ringPayouts(c, participant.id);
  return readAccount(c, accountId);
}

async function readAccount(c: Context<ApiEnv>, accountId: AccountId): Promise<AccountRow> {
  return found(await findAccountOfAny(c.var.deps.admin, accountId), "acc");
}

async function readAppeal(c: Context<ApiEnv>) {
  return found(await findAppealOfAny(c.var.deps.admin, appealIdOf(c)), "apl");
}

function accountIdOf(c: Context<ApiEnv>): AccountId {
  return pathId<AccountId>("acc", c.req.param("accountId") ?? "");
}

function appealIdOf(c: Context<ApiEnv>): AppealId {
  return pathId<AppealId>("apl", c.req.param("appealId") ?? "");
}

function notTheirs(code: string, text: string): AppError {
  return new AppError("forbidden", code, { internal: "the admin has a part in it", public: text });
}

function conflict(code: string, text: string): AppError {
  return new AppError("conflict", code, { internal: "the rows say otherwise", public: text });
}
