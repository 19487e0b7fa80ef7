import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { findOwnPayout, listOwnPayouts, listPayoutLines } from "../../db/payout-queries.ts";
import type { PayoutRow } from "../../db/payouts.ts";
import { findParticipant } from "../../db/referrals.ts";
import type { CommissionId, PayoutId } from "../../domain/id.ts";
import type { ApiEnv } from "../env.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { found, pathId, pathParams } from "./fields.schema.ts";
import { listQuery, readIdCursor, toPage } from "./list.ts";
import { ownAccount } from "./own-participant.ts";
import {
  PayoutLinePageSchema,
  PayoutPageSchema,
  PayoutSchema,
  toPayout,
  toPayoutLine,
} from "./payouts.schema.ts";
import { jsonAnswer } from "./route-parts.ts";

export const payoutRoutes = createRouter();

const params = pathParams("payoutId", "pout");

const listRoute = createRoute(
  scoped("referral.read", {
    operationId: "listPayouts",
    method: "get",
    path: "/v1/payouts",
    tags: ["Referral"],
    request: { query: z.strictObject(listQuery) },
    responses: { 200: jsonAnswer("Your payouts, newest first", PayoutPageSchema) },
  }),
);

payoutRoutes.openapi(listRoute, async (c) => {
  const accountId = ownAccount(c);
  const { limit, cursor } = c.req.valid("query");
  const place = readIdCursor<PayoutId>(cursor);
  const rows = await c.var.deps.db.withoutShop(async (trx) => {
    const participant = await findParticipant(trx, accountId);
    if (participant === undefined) return [];
    return listOwnPayouts(trx, { participantId: participant.id, limit: limit + 1, ...place });
  });
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(toPayout) }, 200);
});

const getRoute = createRoute(
  scoped("referral.read", {
    operationId: "getPayout",
    method: "get",
    path: "/v1/payouts/{payoutId}",
    tags: ["Referral"],
    request: { params },
    responses: { 200: jsonAnswer("The payout", PayoutSchema), ...problems(404) },
  }),
);

payoutRoutes.openapi(getRoute, async (c) => c.json(toPayout(await readOwn(c)), 200));

const linesRoute = createRoute(
  scoped("referral.read", {
    operationId: "listPayoutLines",
    method: "get",
    path: "/v1/payouts/{payoutId}/lines",
    tags: ["Referral"],
    description: "The statement of a payout: what it is made of, oldest first. A cancelled one has no lines.",
    request: { params, query: z.strictObject(listQuery) },
    responses: {
      200: jsonAnswer("The lines, whose sum is the amount", PayoutLinePageSchema),
      ...problems(404),
    },
  }),
);

payoutRoutes.openapi(linesRoute, async (c) => {
  const { limit, cursor } = c.req.valid("query");
  const { before: after } = readIdCursor<CommissionId>(cursor);
  const { id: payoutId } = await readOwn(c);
  const filter = { payoutId, limit: limit + 1, ...(after === undefined ? {} : { after }) };
  const rows = await c.var.deps.db.withoutShop((trx) => listPayoutLines(trx, filter));
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(toPayoutLine) }, 200);
});

function readOwn(c: Context<ApiEnv>): Promise<PayoutRow> {
  const accountId = ownAccount(c);
  const payoutId = pathId<PayoutId>("pout", c.req.param("payoutId") ?? "");
  return c.var.deps.db.withoutShop(async (trx) => {
    const { id: participantId } = found(await findParticipant(trx, accountId), "pout");
    return found(await findOwnPayout(trx, { participantId, payoutId }), "pout");
  });
}
