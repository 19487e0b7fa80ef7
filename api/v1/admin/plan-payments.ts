import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";

import {
  findPlanPaymentOfAnyShop,
  insertReversalNote,
  listPlanPayments,
  viewPlanPayment,
} from "../../../db/admin-plan-payments.ts";
import type { PaymentWithReversal } from "../../../db/admin-plan-payments.ts";
import { reversalNotePlace } from "../../../db/plan-reversals.ts";
import type { MessageId, PlanPaymentId, ShopId } from "../../../domain/id.ts";
import { needsSecondApproval } from "../../../domain/subscription/second-approval.ts";
import { normaliseText } from "../../../domain/text/normalise-text.ts";
import type { ApiEnv } from "../../env.ts";
import { idempotent } from "../../idempotency.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { decideSubscription } from "../decide-subscription.ts";
import { decisionBy } from "../decision-by.ts";
import { found, pathId, pathParams } from "../fields.schema.ts";
import { readIdCursor, toPage } from "../list.ts";
import { jsonAnswer, jsonBody } from "../route-parts.ts";
import { toSubscription } from "../upgrade.schema.ts";
import { adminOf } from "./admin-of.ts";
import {
  PlanPaymentCaseSchema,
  PlanPaymentPageSchema,
  PlanPaymentQuery,
  PlanPaymentSchema,
  ReversePlanPaymentBody,
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
    description: "What shops have paid for plans, newest first.",
    request: { query: PlanPaymentQuery },
    responses: { 200: jsonAnswer("The payments", PlanPaymentPageSchema) },
  }),
);

planPaymentRoutes.openapi(listRoute, async (c) => {
  const { limit, cursor, shopId } = c.req.valid("query");
  const filter = { shopId, limit: limit + 1, ...readIdCursor<PlanPaymentId>(cursor) };
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
  const look = { action: "plan_payment.viewed", accountId: adminOf(c), now: deps.clock.now() };
  const view = found(await viewPlanPayment(deps.admin, paymentIdOf(c), look), "ppm");
  const { shop_id: shopId } = view.payment;
  const sealed = view.note && [
    { place: reversalNotePlace({ shopId, noteId: view.note.id }), sealed: view.note.body },
  ];
  const [text] = await deps.sealer.open(sealed ?? []);
  const reason = text?.toString("utf8") ?? null;
  return c.json({ ...toPlanPayment(view), reason, subscription: toSubscription(view.subscription) }, 200);
});

const reverseRoute = createRoute(
  idempotent(
    scoped("planPayments.reverse", {
      operationId: "reversePlanPayment",
      method: "post",
      path: "/v1/admin/plan-payments/{planPaymentId}/reverse",
      tags,
      description:
        "The whole payment is gone: what it has bought ends earlier, its credits and commissions are taken back, and the owner is told. Above the configured amount it is proposed first, until another admin says the same. Never by the payer or a member of that shop.",
      request: { params, body: jsonBody(ReversePlanPaymentBody) },
      responses: {
        200: jsonAnswer("The payment as it is now", PlanPaymentSchema),
        ...problems(404, 409, 503, 504),
      },
    }),
    async (c) => toPlanPayment(await readPayment(c)),
  ),
);

planPaymentRoutes.openapi(reverseRoute, async (c) => {
  const { deps, actor } = c.var;
  const { kind, reason } = c.req.valid("json");
  const { payment } = await readPayment(c);
  const { shop_id: shopId, id: paymentId, amount_minor: amountMinor, currency } = payment;
  const { secondApprovalAbove } = deps.settings.upgrades;
  const request = {
    by: decisionBy(actor),
    paymentId,
    kind,
    reasonNoteId: await storeReason(c, { shopId, paymentId, reason }),
    needsSecondApproval: needsSecondApproval({ amountMinor, currency }, secondApprovalAbove),
  };
  await decideSubscription(c, {
    shopId,
    asked: { name: "reversePlanPayment", request },
    isRecorded: async () => {
      const { reversal } = await readPayment(c);
      return reversal?.state === "done" || reversal?.proposed_by === actor.accountId;
    },
  });
  return c.json(toPlanPayment(await readPayment(c)), 200);
});

/** Sealed before anything is decided; its id travels, and a repeated request finds the one that the first has stored. */
async function storeReason(
  c: Context<ApiEnv>,
  { shopId, paymentId, reason }: { shopId: ShopId; paymentId: PlanPaymentId; reason: string },
): Promise<MessageId> {
  const { deps, effect } = c.var;
  const noteId = effect.id as MessageId;
  const place = reversalNotePlace({ shopId, noteId });
  const [body] = await deps.sealer.seal([{ place, plaintext: normaliseText(reason) }]);
  if (body === undefined) throw new TypeError("nothing was sealed");
  await insertReversalNote(deps.admin, { shopId, paymentId, noteId, body, now: deps.clock.now() });
  return noteId;
}

async function readPayment(c: Context<ApiEnv>): Promise<PaymentWithReversal> {
  return found(await findPlanPaymentOfAnyShop(c.var.deps.admin, paymentIdOf(c)), "ppm");
}

function paymentIdOf(c: Context<ApiEnv>): PlanPaymentId {
  return pathId<PlanPaymentId>("ppm", c.req.param("planPaymentId") ?? "");
}
