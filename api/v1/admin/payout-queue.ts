import { createRoute } from "@hono/zod-openapi";

import { listPayoutQueue, viewPayoutAccount, viewPayoutCase } from "../../../db/admin-payouts.ts";
import { payoutDetailsPlace } from "../../../db/payout-accounts.ts";
import { AppError } from "../../../domain/app-error.ts";
import type { PayoutId } from "../../../domain/id.ts";
import type { PayoutDetails } from "../../../domain/referral/payout-account.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { found, pathId, pathParams } from "../fields.schema.ts";
import { readIdCursor, toPage } from "../list.ts";
import { jsonAnswer } from "../route-parts.ts";
import { lookOf } from "./look-of.ts";
import {
  PayoutCaseSchema,
  PayoutDestinationSchema,
  PayoutQueueQuery,
  PayoutQueueSchema,
  toDestination,
  toPayoutCase,
  toPayoutSummary,
} from "./payout-case.schema.ts";
import { payoutPictureLink } from "./payout-evidence.ts";

export const payoutQueueRoutes = createRouter();

const params = pathParams("payoutId", "pout");

const listRoute = createRoute(
  scoped("payouts.read", {
    operationId: "listPayoutQueue",
    method: "get",
    path: "/v1/admin/payouts",
    tags: ["Admin: payouts"],
    description: "Payouts of all participants in one state, the oldest first.",
    request: { query: PayoutQueueQuery },
    responses: { 200: jsonAnswer("The queue", PayoutQueueSchema) },
  }),
);

payoutQueueRoutes.openapi(listRoute, async (c) => {
  const { limit, cursor, state } = c.req.valid("query");
  const { before: after } = readIdCursor<PayoutId>(cursor);
  const filter = { state, limit: limit + 1, ...(after === undefined ? {} : { after }) };
  const page = toPage(await listPayoutQueue(c.var.deps.admin, filter), limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(toPayoutSummary) }, 200);
});

const caseRoute = createRoute(
  scoped("payouts.read", {
    operationId: "getPayoutCase",
    method: "get",
    path: "/v1/admin/payouts/{payoutId}",
    tags: ["Admin: payouts"],
    description:
      "One payout, what it is made of, and who decided what. The look stands in the platform's log.",
    request: { params },
    responses: { 200: jsonAnswer("The case", PayoutCaseSchema), ...problems(404) },
  }),
);

payoutQueueRoutes.openapi(caseRoute, async (c) => {
  const { deps, actor } = c.var;
  const payoutId = pathId<PayoutId>("pout", c.req.valid("param").payoutId);
  const view = found(await viewPayoutCase(deps.admin, payoutId, lookOf(c, "payout.viewed")), "pout");
  const uploadId = actor.scopes.has("payouts.evidence") ? view.payout.upload_id : null;
  const picture = uploadId === null ? null : await payoutPictureLink(deps, actor, uploadId);
  return c.json(toPayoutCase(view, picture), 200);
});

const accountRoute = createRoute(
  scoped("payouts.propose", {
    operationId: "getPayoutDestination",
    method: "get",
    path: "/v1/admin/payouts/{payoutId}/destination",
    tags: ["Admin: payouts"],
    description:
      "The account that was approved, for whoever sends the money: shown as long as the payout is `executing`, and to nobody on the participant's line of the tree. Each look stands in the platform's log.",
    request: { params },
    responses: { 200: jsonAnswer("The account", PayoutDestinationSchema), ...problems(404, 409) },
  }),
);

payoutQueueRoutes.openapi(accountRoute, async (c) => {
  const { deps } = c.var;
  const payoutId = pathId<PayoutId>("pout", c.req.valid("param").payoutId);
  const look = lookOf(c, "payout_account.viewed");
  const payout = await viewPayoutAccount(deps.admin, payoutId, look);
  const { account_kind: kind, account_details: sealed } = payout ?? {};
  if (payout === undefined || !kind || !sealed) throw notExecuting();
  const [plaintext] = await deps.sealer.open([{ place: payoutDetailsPlace(payout.participant_id), sealed }]);
  if (plaintext === undefined) throw notExecuting();
  // Our own JSON, sealed by `putPayoutAccount`.
  return c.json(toDestination(kind, JSON.parse(plaintext.toString("utf8")) as PayoutDetails), 200);
});

function notExecuting(): AppError {
  return new AppError("conflict", "payout.not_executing", {
    internal: "no money is on its way",
    public: "The account is shown while the money has to be sent, and not before or after.",
  });
}
