import { createRoute } from "@hono/zod-openapi";
import type { RouteConfig } from "@hono/zod-openapi";
import type { Context } from "hono";

import {
  findPlanPaymentOfAnyShop,
  insertReversalNote,
  recordTransferBack,
  withdrawReversal,
} from "../../../db/admin-plan-payments.ts";
import type { PaymentWithReversal } from "../../../db/admin-plan-payments.ts";
import { reversalNotePlace } from "../../../db/plan-reversals.ts";
import { AppError } from "../../../domain/app-error.ts";
import type { MessageId, PlanPaymentId } from "../../../domain/id.ts";
import type { Sealed } from "../../../domain/sealing.ts";
import { needsSecondApproval } from "../../../domain/subscription/second-approval.ts";
import { normaliseText } from "../../../domain/text/normalise-text.ts";
import { steppedUp } from "../../auth/step-up.ts";
import type { ApiEnv } from "../../env.ts";
import { idempotent } from "../../idempotency.ts";
import { problems } from "../../problem.ts";
import { scoped } from "../../route.ts";
import { createRouter } from "../../router.ts";
import { decideSubscription } from "../decide-subscription.ts";
import { decisionBy } from "../decision-by.ts";
import { found, pathId, pathParams } from "../fields.schema.ts";
import { jsonAnswer, jsonBody } from "../route-parts.ts";
import { adminOf } from "./admin-of.ts";
import { demandMayDecide } from "./may-decide.ts";
import {
  PlanPaymentSchema,
  RecordPlanRefundBody,
  ReversePlanPaymentBody,
  toPlanPayment,
} from "./plan-payment.schema.ts";

export const planReversalRoutes = createRouter();

const params = pathParams("planPaymentId", "ppm");

const reverseRoute = createRoute(
  decision("reversePlanPayment", "reverse", {
    request: { params, body: jsonBody(ReversePlanPaymentBody) },
    description:
      "The whole payment is gone: what it has bought ends earlier, its commissions and what is left of its credits are taken back, and the owner is told. A refund goes back the way it came. Above the configured amount it is proposed first, until another admin says the same.",
  }),
);

planReversalRoutes.openapi(reverseRoute, async (c) => {
  const { deps, actor } = c.var;
  const { kind, reason } = c.req.valid("json");
  const { payment, reversal } = await readDecidable(c);
  const { shop_id: shopId, id: paymentId, amount_minor: amountMinor, currency } = payment;
  const { secondApprovalAbove } = deps.settings.upgrades;
  const request = {
    by: decisionBy(actor),
    paymentId,
    kind,
    // Who says the same after another one has written why adds nothing to it.
    reasonNoteId: reversal?.reason_note_id ?? (await storeReason(c, payment, reason)),
    needsSecondApproval: needsSecondApproval({ amountMinor, currency }, secondApprovalAbove),
    reversalId: reversal?.id ?? null,
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

const withdrawRoute = createRoute(
  decision("withdrawPlanReversal", "withdraw-reversal", {
    request: { params },
    description: "What waits for another admin is as if it had never been proposed, its reason included.",
  }),
);

planReversalRoutes.openapi(withdrawRoute, async (c) => {
  const { deps } = c.var;
  const { payment, reversal } = await readDecidable(c);
  const withdrawn = { shopId: payment.shop_id, paymentId: payment.id, by: adminOf(c), now: deps.clock.now() };
  const isWithdrawn = await withdrawReversal(deps.admin, withdrawn);
  if (!isWithdrawn && reversal !== null) throw refusal("plan_payment.not_proposed");
  return c.json(toPlanPayment(await readPayment(c)), 200);
});

const refundRoute = createRoute(
  decision("recordPlanRefund", "record-refund", {
    request: { params, body: jsonBody(RecordPlanRefundBody) },
    description:
      "The money of a refund that came by transfer was sent back. Where it came by code, the provider says so itself.",
  }),
);

planReversalRoutes.openapi(refundRoute, async (c) => {
  const { deps } = c.var;
  const { payment, reversal } = await readDecidable(c);
  const { shop_id: shopId, id: paymentId } = payment;
  const note = await sealNote(c, payment, c.req.valid("json").reference);
  const record = { shopId, paymentId, ...note, by: adminOf(c), now: deps.clock.now() };
  const isRecorded = await recordTransferBack(deps.admin, record);
  const isKnown = reversal?.refund_way === "transfer";
  if (!isRecorded && !isKnown) throw refusal("plan_payment.nothing_owed");
  return c.json(toPlanPayment(await readPayment(c)), 200);
});

function decision<
  const Name extends string,
  const Verb extends string,
  const Request extends NonNullable<RouteConfig["request"]>,
>(operationId: Name, verb: Verb, { request, description }: { request: Request; description: string }) {
  return idempotent(
    steppedUp(
      scoped("planPayments.reverse", {
        operationId,
        method: "post",
        path: `/v1/admin/plan-payments/{planPaymentId}/${verb}`,
        tags: ["Admin: plan payments"],
        description: `${description} Never by the payer or a member of that shop.`,
        request,
        responses: {
          200: jsonAnswer("The payment as it is now", PlanPaymentSchema),
          ...problems(404, 409, 503, 504),
        },
      }),
    ),
    async (c) => toPlanPayment(await readPayment(c)),
  );
}

/** Sealed before anything is decided; its id travels, and a repeated request finds the one that the first has stored. */
async function storeReason(
  c: Context<ApiEnv>,
  payment: PaymentWithReversal["payment"],
  reason: string,
): Promise<MessageId> {
  const { deps } = c.var;
  const note = await sealNote(c, payment, reason);
  const { shop_id: shopId, id: paymentId } = payment;
  await insertReversalNote(deps.admin, { shopId, paymentId, ...note, now: deps.clock.now() });
  return note.noteId;
}

async function sealNote(
  c: Context<ApiEnv>,
  { shop_id: shopId }: PaymentWithReversal["payment"],
  text: string,
): Promise<{ noteId: MessageId; body: Sealed }> {
  const { deps, effect } = c.var;
  const noteId = effect.id as MessageId;
  const place = reversalNotePlace({ shopId, noteId });
  const [body] = await deps.sealer.seal([{ place, plaintext: normaliseText(text) }]);
  if (body === undefined) throw new TypeError("nothing was sealed");
  return { noteId, body };
}

/** For an admin to whom it is theirs to decide. */
async function readDecidable(c: Context<ApiEnv>): Promise<PaymentWithReversal> {
  const view = await readPayment(c);
  const { shop_id, payer_account_id: requested_by } = view.payment;
  await demandMayDecide(c, { shop_id, requested_by });
  return view;
}

async function readPayment(c: Context<ApiEnv>): Promise<PaymentWithReversal> {
  const paymentId = pathId<PlanPaymentId>("ppm", c.req.param("planPaymentId") ?? "");
  return found(await findPlanPaymentOfAnyShop(c.var.deps.admin, paymentId), "ppm");
}

function refusal(code: string): AppError {
  return new AppError("conflict", code, {
    internal: "the row does not allow the decision",
    public: "The payment does not allow this now. Read it again.",
  });
}
