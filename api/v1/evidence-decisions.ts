import { createRoute, z } from "@hono/zod-openapi";

import type { EvidenceId, OrderId, PaymentMethodId } from "../../domain/id.ts";
import { idempotent } from "../idempotency.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { decideEvidence, readEvidence } from "./decide-evidence.ts";
import { decideOrder, readOrder } from "./decide-order.ts";
import { EvidenceSummarySchema } from "./evidence.schema.ts";
import { AmountMinorSchema, idField, pathId, pathParams, reasonField } from "./fields.schema.ts";
import { OrderSummarySchema } from "./orders.schema.ts";
import { jsonAnswer, jsonBody, optionalJsonBody } from "./route-parts.ts";

export const evidenceDecisionRoutes = createRouter();

const OfOrderBody = z.strictObject({ orderId: idField<OrderId>("ord") }).openapi("OrderOfEvidence");

/** The owner says what becomes of a slip that no order waited for; the answer is the order that it is then of. */
for (const { operationId, verb, name, description } of [
  {
    operationId: "matchPaymentEvidence",
    verb: "match",
    name: "matchEvidence",
    description:
      "The unmatched slip belongs to this order of the same customer. Then it is confirmed or refused as any other; of an order that has ended the money is owed to the customer.",
  },
  {
    operationId: "reviveOrder",
    verb: "revive",
    name: "reviveOrder",
    description:
      "The order expired, and its slip came late: if the stock is there, the order is open again at the prices that the customer confirmed, and the slip is under review. The slip is unmatched, or linked to this order and undecided.",
  },
] as const) {
  const route = createRoute(
    idempotent(
      scoped("payments.approve", {
        operationId,
        method: "post",
        path: `/v1/payment-evidence/{evidenceId}/${verb}`,
        tags: ["Payments"],
        description,
        request: { params: pathParams("evidenceId", "evd"), body: jsonBody(OfOrderBody) },
        responses: {
          200: jsonAnswer("The order as it is now", OrderSummarySchema),
          ...problems(404, 409, 503, 504),
        },
      }),
      async (c) => readOrder(c, OfOrderBody.parse(await c.req.json()).orderId),
    ),
  );
  evidenceDecisionRoutes.openapi(route, async (c) => {
    const evidenceId = pathId<EvidenceId>("evd", c.req.valid("param").evidenceId);
    await readEvidence(c, evidenceId); // a slip of another shop is not found
    const order = await decideOrder(c, c.req.valid("json").orderId, {
      name,
      request: ({ by }) => ({ by, evidenceId }),
    });
    return c.json(order, 200);
  });
}

const ReasonBody = z.strictObject({ reason: reasonField }).openapi("RefusePaymentEvidence");

const ReturnBody = z
  .strictObject({
    amountMinor: AmountMinorSchema.optional().openapi({
      description: "What came and was given back, in minor units; without it what was read from the slip.",
    }),
    paymentMethodId: idField<PaymentMethodId>("pm").optional().openapi({
      description: "Where the money arrived; needed when the shop has several ways of transfer.",
    }),
  })
  .openapi("ReturnPayment");

const returnRoute = createRoute(
  idempotent(
    scoped("payments.approve", {
      operationId: "returnPayment",
      method: "post",
      path: "/v1/payment-evidence/{evidenceId}/return",
      tags: ["Payments"],
      description:
        "Records that the money of an unmatched slip was given back; the product itself moves none. Its reference pays for nothing afterwards.",
      request: { params: pathParams("evidenceId", "evd"), body: optionalJsonBody(ReturnBody) },
      responses: {
        200: jsonAnswer("The slip as it is now", EvidenceSummarySchema),
        ...problems(404, 409, 503, 504),
      },
    }),
    (c) => readEvidence(c, pathId<EvidenceId>("evd", c.req.param("evidenceId") ?? "")),
  ),
);

evidenceDecisionRoutes.openapi(returnRoute, async (c) => {
  const evidenceId = pathId<EvidenceId>("evd", c.req.valid("param").evidenceId);
  const { amountMinor = null, paymentMethodId = null } = c.req.valid("json");
  const evidence = await decideEvidence(c, evidenceId, {
    name: "returnPayment",
    request: ({ by }) => ({ by, amountMinor, paymentMethodId }),
  });
  return c.json(evidence, 200);
});

const refuseRoute = createRoute(
  idempotent(
    scoped("payments.approve", {
      operationId: "refusePaymentEvidence",
      method: "post",
      path: "/v1/payment-evidence/{evidenceId}/refuse",
      tags: ["Payments"],
      description:
        "An unmatched slip proves no payment; the customer is told. A slip of an order is refused there.",
      request: { params: pathParams("evidenceId", "evd"), body: optionalJsonBody(ReasonBody) },
      responses: {
        200: jsonAnswer("The slip as it is now", EvidenceSummarySchema),
        ...problems(404, 409, 503, 504),
      },
    }),
    (c) => readEvidence(c, pathId<EvidenceId>("evd", c.req.param("evidenceId") ?? "")),
  ),
);

evidenceDecisionRoutes.openapi(refuseRoute, async (c) => {
  const evidenceId = pathId<EvidenceId>("evd", c.req.valid("param").evidenceId);
  const evidence = await decideEvidence(c, evidenceId, {
    name: "refuseEvidence",
    note: c.req.valid("json").reason,
    request: ({ by, noteId }) => ({ by, reasonIntakeId: noteId }),
  });
  return c.json(evidence, 200);
});
