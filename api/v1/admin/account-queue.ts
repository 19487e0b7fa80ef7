import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import type { AppealRow } from "../../../db/account-appeals.ts";
import { accountPlace, findAccountLogin, normaliseEmail } from "../../../db/accounts.ts";
import { listSuspendedAccounts, noteAccountLookUp, viewAccountCase } from "../../../db/admin-accounts.ts";
import { toTypeId } from "../../../domain/id.ts";
import type { AccountId } from "../../../domain/id.ts";
import { EmailField } from "../../accounts/account.schema.ts";
import type { ApiEnv } from "../../env.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { found, idText, pathId, pathParams } from "../fields.schema.ts";
import { readTimeCursor, timePlace, toPage } from "../list.ts";
import { jsonAnswer, jsonBody } from "../route-parts.ts";
import {
  AccountCaseSchema,
  AccountQueueQuery,
  AccountQueueSchema,
  toAccountCase,
  toAccountSummary,
} from "./account-case.schema.ts";
import { lookOf } from "./look-of.ts";

export const accountQueueRoutes = createRouter();

const listRoute = createRoute(
  scoped("accounts.read", {
    operationId: "listSuspendedAccounts",
    method: "get",
    path: "/v1/admin/accounts",
    tags: ["Admin: accounts"],
    description: "Accounts that are suspended, the newest suspension first.",
    request: { query: AccountQueueQuery },
    responses: { 200: jsonAnswer("The queue", AccountQueueSchema) },
  }),
);

accountQueueRoutes.openapi(listRoute, async (c) => {
  const { limit, cursor, queue } = c.req.valid("query");
  const filter = { isAppealed: queue === "appealed", limit: limit + 1, ...readTimeCursor(cursor) };
  const rows = await listSuspendedAccounts(c.var.deps.admin, filter);
  const page = toPage(rows, limit, ({ suspended_at: at, id }) => timePlace(at ?? new Date(0), id));
  return c.json({ ...page, data: page.data.map(toAccountSummary) }, 200);
});

const lookUpRoute = createRoute(
  scoped("accounts.read", {
    operationId: "lookUpAccount",
    method: "post",
    path: "/v1/admin/account-look-ups",
    tags: ["Admin: accounts"],
    description:
      "The account of an e-mail address. The look stands in the platform's log, by the account's id.",
    request: { body: jsonBody(z.strictObject({ email: EmailField }).openapi("LookUpAccount")) },
    responses: {
      200: jsonAnswer("The account", z.object({ id: idText("acc") }).openapi("FoundAccount")),
      ...problems(404),
    },
  }),
);

accountQueueRoutes.openapi(lookUpRoute, async (c) => {
  const { deps } = c.var;
  const email = normaliseEmail(c.req.valid("json").email);
  const index = await deps.blindIndexer.index("platform", "account.email", email);
  const { id } = found(await deps.db.withoutShop((trx) => findAccountLogin(trx, index)), "acc");
  await noteAccountLookUp(deps.admin, id, lookOf(c, "account.looked_up"));
  return c.json({ id: toTypeId("acc", id) }, 200);
});

const caseRoute = createRoute(
  scoped("accounts.read", {
    operationId: "getAccountCase",
    method: "get",
    path: "/v1/admin/accounts/{accountId}",
    tags: ["Admin: accounts"],
    description:
      "One account: whether it is suspended, what was counted against it, and its owner's side. Its address is not shown. The look stands in the platform's log.",
    request: { params: pathParams("accountId", "acc") },
    responses: { 200: jsonAnswer("The case", AccountCaseSchema), ...problems(404) },
  }),
);

accountQueueRoutes.openapi(caseRoute, async (c) => {
  const { deps, actor } = c.var;
  const accountId = pathId<AccountId>("acc", c.req.valid("param").accountId);
  const view = found(await viewAccountCase(deps.admin, accountId, lookOf(c, "account.viewed")), "acc");
  const texts = actor.scopes.has("accounts.suspend") ? await openAppeals(c, view.appeals) : [];
  return c.json(toAccountCase(view, texts), 200);
});

/** Null for what is no longer kept. */
async function openAppeals(c: Context<ApiEnv>, appeals: readonly AppealRow[]): Promise<(string | null)[]> {
  const texts = await c.var.deps.sealer.open(
    appeals.map(({ id, account_id: accountId, body: sealed }) => ({
      place: accountPlace(accountId, "account.appeal", id),
      sealed,
    })),
  );
  return texts.map((text) => text?.toString("utf8") ?? null);
}
