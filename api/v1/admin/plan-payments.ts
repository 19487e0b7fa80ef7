import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";

import { listPlanPayments, viewPlanPayment } from "../../../db/admin-plan-payments.ts";
import type { PlanPaymentCase } from "../../../db/admin-plan-payments.ts";
import { reversalNotePlace } from "../../../db/plan-reversals.ts";
import type { MessageId, PlanPaymentId } from "../../../domain/id.ts";
import type { ApiEnv } from "../../env.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { found, pathId, pathParams } from "../fields.schema.ts";
import { readIdCursor, toPage } from "../list.ts";
import { jsonAnswer } from "../route-parts.ts";
import { toSubscription } from "../upgrade.schema.ts";
import { lookOf } from "./look-of.ts";
import {
  PlanPaymentCaseSchema,
  PlanPaymentPageSchema,
  PlanPaymentQuery,
  toPlanPayment,
} from "./plan-payment.schema.ts";

export const planPaymentRoutes = createRouter();

const params = pathParams("planPaymentId", "ppm");
const tags = ["Admin: plan payments"];

const listRoute = createRoute(
  scoped("planPayments.read", {
    operationId: "listPlanPayments",
    method: "get",
    path: "/v1/admin/plan-payments",
    tags,
    description: "What shops have paid for plans and packages of credits, newest first.",
    request: { query: PlanPaymentQuery },
    responses: { 200: jsonAnswer("The payments", PlanPaymentPageSchema) },
  }),
);

planPaymentRoutes.openapi(listRoute, async (c) => {
  const { limit, cursor, shopId, waiting } = c.req.valid("query");
  const filter = { shopId, waiting, limit: limit + 1, ...readIdCursor<PlanPaymentId>(cursor) };
  const rows = await listPlanPayments(c.var.deps.admin, filter);
  const page = toPage(rows, limit, ({ payment }) => payment.id);
  return c.json({ ...page, data: page.data.map(toPlanPayment) }, 200);
});

const getRoute = createRoute(
  scoped("planPayments.read", {
    operationId: "getPlanPayment",
    method: "get",
    path: "/v1/admin/plan-payments/{planPaymentId}",
    tags,
    description: "One payment, and what its shop has now. The look stands in the shop's log.",
    request: { params },
    responses: { 200: jsonAnswer("The payment", PlanPaymentCaseSchema), ...problems(404) },
  }),
);

planPaymentRoutes.openapi(getRoute, async (c) => {
  const { deps } = c.var;
  const paymentId = pathId<PlanPaymentId>("ppm", c.req.valid("param").planPaymentId);
  const look = lookOf(c, "plan_payment.viewed");
  const view = found(await viewPlanPayment(deps.admin, paymentId, look), "ppm");
  const { reversal } = view;
  const reason = await openNote(c, view, reversal?.reason_note_id ?? null);
  const refundReference = await openNote(c, view, reversal?.refund_note_id ?? null);
  const subscription = toSubscription(view.subscription);
  return c.json({ ...toPlanPayment(view), reason, refundReference, subscription }, 200);
});

async function openNote(
  c: Context<ApiEnv>,
  { payment, notes }: PlanPaymentCase,
  noteId: MessageId | null,
): Promise<string | null> {
  const sealed = notes
    .filter(({ id }) => id === noteId)
    .map(({ id, body }) => ({
      place: reversalNotePlace({ shopId: payment.shop_id, noteId: id }),
      sealed: body,
    }));
  const [text] = await c.var.deps.sealer.open(sealed);
  return text?.toString("utf8") ?? null;
}
