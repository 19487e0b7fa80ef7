import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import { findScanned, pay } from "../payments/pay.ts";
import type { SimPayment } from "../payments/payment-types.ts";
import { tradeStatus } from "../payments/payment-types.ts";
import { callbackFields } from "../payments/send-callback.ts";
import type { SimContext } from "../sim-context.ts";
import { ControlProblem } from "./control-problem.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

const Payment = z
  .object({
    merchantOrderId: z.string(),
    title: z.string(),
    amount: z.number(),
    currency: z.string(),
    code: z.string().openapi({ description: "The text of its QR code" }),
    status: z.enum(["WAIT_PAY", "PAY_SUCCESS", "ORDER_CLOSED", "ORDER_EXPIRED"]),
    transactionId: z.string().nullable(),
    refunds: z.array(z.object({ refundRequestNo: z.string(), amount: z.number(), status: z.string() })),
  })
  .openapi("WalletPayment");

const merchantRoute = createRoute({
  method: "put",
  path: "/payments/merchants/{merchantCode}",
  operationId: "putMerchant",
  summary: "A merchant of the simulated wallet, with the key that signs",
  request: {
    params: z.object({ merchantCode: z.string().regex(/^\w{1,32}$/) }),
    body: jsonBody(z.object({ appId: z.string().min(1).max(64), key: z.string().min(8).max(200) })),
  },
  responses: { 204: { description: "Kept" } },
});

const listRoute = createRoute({
  method: "get",
  path: "/payments/orders",
  operationId: "listWalletPayments",
  summary: "What merchants asked the wallet for, oldest first",
  responses: { 200: jsonAnswer(z.array(Payment), "The payments") },
});

const payRoute = createRoute({
  method: "post",
  path: "/payments/scans",
  operationId: "payByCode",
  summary: "The customer scans a code and pays its amount; a signed callback follows",
  request: {
    body: jsonBody(
      z.object({
        code: z.string().min(1).max(2_000).openapi({ description: "The text of the QR code" }),
        isForced: z.boolean().default(false).openapi({ description: "Also when it is closed or too late" }),
      }),
    ),
  },
  responses: { 200: jsonAnswer(Payment, "Paid; the callback is on its way") },
});

const callbackRoute = createRoute({
  method: "post",
  path: "/payments/orders/{merchantOrderId}/callbacks",
  operationId: "sendPaymentCallback",
  summary: "Sends one signed callback at once, without retry, and tells what the product answered",
  request: {
    params: z.object({ merchantOrderId: z.string() }),
    body: jsonBody(
      z.object({
        set: z.record(z.string(), z.string()).default({}).openapi({
          description: "Fields instead of the true ones, set after signing",
        }),
        url: z.url().optional().openapi({ description: "Default: the payment's own" }),
      }),
    ),
  },
  responses: {
    200: jsonAnswer(z.object({ status: z.number(), text: z.string() }), "What the product answered"),
  },
});

/** The simulated wallet: its merchants, its customers' hands, its callbacks. */
export function addPaymentRoutes(app: OpenAPIHono, ctx: SimContext): void {
  app.openapi(merchantRoute, (c) => {
    const { merchantCode } = c.req.valid("param");
    ctx.world.putMerchant({ merchantCode, ...c.req.valid("json") });
    return c.body(null, 204);
  });
  app.openapi(listRoute, (c) =>
    c.json(
      ctx.world.listPayments().map((payment) => view(payment, ctx.now())),
      200,
    ),
  );
  app.openapi(payRoute, (c) => {
    const { code, isForced } = c.req.valid("json");
    const payment = findScanned(ctx, code);
    if (!payment) throw new ControlProblem(404, "unknown_code", "No payment has this code");
    return c.json(view(pay(ctx, payment, { isForced }), ctx.now()), 200);
  });
  app.openapi(callbackRoute, async (c) => {
    const payment = ctx.world.findPayment(c.req.valid("param").merchantOrderId);
    const merchant = payment && ctx.world.findMerchant(payment.merchantCode);
    if (!payment || !merchant) throw new ControlProblem(404, "unknown_payment", "There is no such payment");
    const { set, url = payment.notifyUrl } = c.req.valid("json");
    const body = JSON.stringify({ Request: { ...callbackFields(payment, merchant, ctx.now()), ...set } });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url, { method: "POST", headers, body, redirect: "manual" });
    return c.json({ status: answer.status, text: await answer.text() }, 200);
  });
}

function view(payment: SimPayment, now: number): z.infer<typeof Payment> {
  const { merchantOrderId, title, amount, currency, code, transactionId, refunds } = payment;
  const status = tradeStatus(payment, now);
  return { merchantOrderId, title, amount, currency, code, status, transactionId, refunds };
}
