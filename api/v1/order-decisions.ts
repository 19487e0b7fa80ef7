import { createRoute, z } from "@hono/zod-openapi";

import type { Scope } from "../../domain/account/scopes.ts";
import type { EvidenceId, OrderId } from "../../domain/id.ts";
import { idempotent } from "../idempotency.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { decideOrder, readOrder } from "./decide-order.ts";
import { AmountMinorSchema, idField, lineOf, pathId, pathParams, reasonField } from "./fields.schema.ts";
import { OrderSummarySchema } from "./orders.schema.ts";
import { jsonAnswer, optionalJsonBody } from "./route-parts.ts";

export const orderDecisionRoutes = createRouter();

const params = pathParams("orderId", "ord");
const evidenceId = idField<EvidenceId>("evd")
  .optional()
  .openapi({ description: "Without it the newest slip of the order that nobody has decided about." });

const ConfirmBody = z
  .strictObject({
    evidenceId,
    amountMinor: AmountMinorSchema.optional().openapi({
      description: "What arrived, in minor units; without it what was read from the slip.",
    }),
    reference: lineOf(100)
      .optional()
      .openapi({ description: "The bank's reference, when the slip was read wrongly." }),
  })
  .openapi("ConfirmPayment");
const RefuseBody = z.strictObject({ evidenceId, reason: reasonField }).openapi("RefusePayment");
const ShipBody = z
  .strictObject({
    tracking: lineOf(200)
      .optional()
      .openapi({ description: "Carrier and number, as the customer shall read it." }),
  })
  .openapi("ShipOrder");
const CancelBody = z.strictObject({ reason: reasonField }).openapi("CancelOrder");
const RefundBody = z
  .strictObject({
    amountMinor: AmountMinorSchema.optional().openapi({
      description: "What was given back; without it all that is owed.",
    }),
    as: z.enum(["money", "credit"]).optional().openapi({
      description:
        "`credit`: the surplus of an over-paid order is kept for the customer and taken off their next order. Without it `money`.",
    }),
  })
  .openapi("RefundOrder");
const NoBody = z.strictObject({}).openapi("Nothing");

/** All decisions look alike: a verb below the order, an Idempotency-Key, the order's new state as the answer. */
function decisionRoute<const Id extends string, Body extends z.ZodType>(
  scope: Scope,
  route: { operationId: Id; verb: string; description: string; body: Body },
) {
  const { operationId, verb, description, body } = route;
  return createRoute(
    idempotent(
      scoped(scope, {
        operationId,
        method: "post",
        path: `/v1/orders/{orderId}/${verb}`,
        tags: ["Orders"],
        description,
        request: { params, body: optionalJsonBody(body) },
        responses: {
          200: jsonAnswer("The order as it is now", OrderSummarySchema),
          ...problems(404, 409, 503, 504),
        },
      }),
      (c) => readOrder(c, pathId<OrderId>("ord", c.req.param("orderId") ?? "")),
    ),
  );
}

orderDecisionRoutes.openapi(
  decisionRoute("orders.write", {
    operationId: "acceptCashOnDelivery",
    verb: "accept-cash-on-delivery",
    description: "The shop will deliver and take the cash. Not accepted in time, the order is cancelled.",
    body: NoBody,
  }),
  async (c) =>
    c.json(
      await decideOrder(c, pathId<OrderId>("ord", c.req.valid("param").orderId), {
        name: "acceptCashOnDelivery",
        request: ({ by }) => ({ by }),
      }),
      200,
    ),
);

orderDecisionRoutes.openapi(
  decisionRoute("payments.approve", {
    operationId: "confirmPayment",
    verb: "confirm-payment",
    description:
      "The money is there. Less than the balance is a part payment, more is a surplus to give back.",
    body: ConfirmBody,
  }),
  async (c) => {
    const { evidenceId = null, amountMinor = null, reference: note } = c.req.valid("json");
    const order = await decideOrder(c, pathId<OrderId>("ord", c.req.valid("param").orderId), {
      name: "confirmPayment",
      note,
      request: ({ by, noteId, effectKey }) => ({
        by,
        evidenceId,
        amountMinor,
        referenceIntakeId: noteId,
        effectKey,
      }),
    });
    return c.json(order, 200);
  },
);

for (const { operationId, verb, description, asksAgain } of [
  {
    operationId: "refusePayment",
    verb: "refuse-payment",
    description: "The slip proves no payment. The customer is told, and the order waits for payment again.",
    asksAgain: false,
  },
  {
    operationId: "requestEvidenceAgain",
    verb: "request-evidence-again",
    description: "The slip cannot be judged: the customer is asked for another picture.",
    asksAgain: true,
  },
]) {
  orderDecisionRoutes.openapi(
    decisionRoute("payments.approve", { operationId, verb, description, body: RefuseBody }),
    async (c) => {
      const orderId = pathId<OrderId>("ord", c.req.valid("param").orderId);
      const { evidenceId = null, reason: note } = c.req.valid("json");
      const order = await decideOrder(c, orderId, {
        name: "refusePayment",
        note,
        request: ({ by, noteId }) => ({ by, evidenceId, reasonIntakeId: noteId, asksAgain }),
      });
      return c.json(order, 200);
    },
  );
}

orderDecisionRoutes.openapi(
  decisionRoute("orders.write", {
    operationId: "packOrder",
    verb: "pack",
    description: "The goods are packed. They must be paid for, or their cash on delivery accepted.",
    body: NoBody,
  }),
  async (c) =>
    c.json(
      await decideOrder(c, pathId<OrderId>("ord", c.req.valid("param").orderId), {
        name: "packOrder",
        request: ({ by }) => ({ by }),
      }),
      200,
    ),
);

orderDecisionRoutes.openapi(
  decisionRoute("orders.write", {
    operationId: "shipOrder",
    verb: "ship",
    description: "The goods are on their way.",
    body: ShipBody,
  }),
  async (c) =>
    c.json(
      await decideOrder(c, pathId<OrderId>("ord", c.req.valid("param").orderId), {
        name: "shipOrder",
        note: c.req.valid("json").tracking,
        request: ({ by, noteId }) => ({ by, trackingIntakeId: noteId }),
      }),
      200,
    ),
);

orderDecisionRoutes.openapi(
  decisionRoute("orders.write", {
    operationId: "deliverOrder",
    verb: "deliver",
    description: "The goods have arrived. Cash on delivery is paid by this.",
    body: NoBody,
  }),
  async (c) =>
    c.json(
      await decideOrder(c, pathId<OrderId>("ord", c.req.valid("param").orderId), {
        name: "deliverOrder",
        request: ({ by }) => ({ by }),
      }),
      200,
    ),
);

orderDecisionRoutes.openapi(
  decisionRoute("orders.write", {
    operationId: "cancelOrder",
    verb: "cancel",
    description: "Stock comes back, and what was paid is owed to the customer.",
    body: CancelBody,
  }),
  async (c) =>
    c.json(
      await decideOrder(c, pathId<OrderId>("ord", c.req.valid("param").orderId), {
        name: "cancelOrder",
        note: c.req.valid("json").reason,
        request: ({ by, noteId }) => ({ by, actor: "owner", reasonIntakeId: noteId }),
      }),
      200,
    ),
);

orderDecisionRoutes.openapi(
  decisionRoute("payments.approve", {
    operationId: "refundOrder",
    verb: "refund",
    description: "Records what was given back; the product itself moves no money.",
    body: RefundBody,
  }),
  async (c) => {
    const { amountMinor = null, as = "money" } = c.req.valid("json");
    const order = await decideOrder(c, pathId<OrderId>("ord", c.req.valid("param").orderId), {
      name: "refundOrder",
      request: ({ by, effectKey }) => ({ by, amountMinor, effectKey, asCredit: as === "credit" }),
    });
    return c.json(order, 200);
  },
);
