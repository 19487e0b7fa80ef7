import { createRoute, z } from "@hono/zod-openapi";

import { listDoneReversals, reversalNotePlace } from "../../db/plan-reversals.ts";
import type { DoneReversalRow } from "../../db/plan-reversals.ts";
import { toTypeId } from "../../domain/id.ts";
import { refundWays, reversalKinds } from "../../domain/subscription/reversal.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { MoneySchema, TimeSchema, idText, orNull, timeOrNull } from "./fields.schema.ts";
import { listQuery, pageOf, readIdCursor, toPage } from "./list.ts";
import { jsonAnswer } from "./route-parts.ts";

export const planReversalRoutes = createRouter();

const OwnReversalSchema = z
  .object({
    upgradeRequestId: idText("upg").openapi({ description: "Whose payment it was." }),
    planCode: z.string().nullable().openapi({ description: "Null: a package of credits." }),
    topUpCode: z.string().nullable(),
    amount: MoneySchema,
    kind: z.enum(reversalKinds).openapi({
      description: "`refund`: the platform gives it back. `chargeback`: the bank or the provider took it.",
    }),
    reason: z.string(),
    reversedAt: TimeSchema.nullable(),
    refund: orNull(z.object({ way: z.enum(refundWays), doneAt: TimeSchema.nullable() })).openapi({
      description: "How the money comes back, and since when it is; `doneAt` null: it is on its way.",
    }),
  })
  .openapi("OwnPlanReversal");

export const OwnReversalPageSchema = pageOf(OwnReversalSchema).openapi("OwnPlanReversalPage");

const listRoute = createRoute(
  scoped("subscription.read", {
    operationId: "listPlanReversals",
    method: "get",
    path: "/v1/plan-reversals",
    tags: ["Subscription"],
    description: "Payments of the shop that were taken back, and why.",
    request: { query: z.strictObject({ ...listQuery }) },
    responses: { 200: jsonAnswer("What was taken back, newest first", OwnReversalPageSchema) },
  }),
);

planReversalRoutes.openapi(listRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const { limit, cursor } = c.req.valid("query");
  const filter = { shopId, limit: limit + 1, ...readIdCursor<string>(cursor) };
  const rows = await deps.db.withShop(shopId, (trx) => listDoneReversals(trx, filter));
  const page = toPage(rows, limit, ({ id }) => id);
  const sealed = page.data.map(({ reason_note_id: noteId, reason }) => ({
    place: reversalNotePlace({ shopId, noteId }),
    sealed: reason,
  }));
  const reasons = await deps.sealer.open(sealed);
  const data = page.data.map((row, index) => toOwnReversal(row, reasons[index]?.toString("utf8") ?? ""));
  return c.json({ ...page, data }, 200);
});

function toOwnReversal(row: DoneReversalRow, reason: string): z.infer<typeof OwnReversalSchema> {
  return {
    upgradeRequestId: toTypeId("upg", row.request_id),
    planCode: row.plan_code,
    topUpCode: row.top_up_code,
    amount: { amountMinor: row.amount_minor, currency: row.currency },
    kind: row.kind,
    reason,
    reversedAt: timeOrNull(row.done_at),
    refund: row.refund_way && { way: row.refund_way, doneAt: timeOrNull(row.refunded_at) },
  };
}
