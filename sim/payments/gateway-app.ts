import { randomInt, randomUUID } from "node:crypto";
import { Hono } from "hono";
import type { SimContext } from "../sim-context.ts";
import { emvCode } from "./emv-code.ts";
import type { SimMerchant, SimPayment, SimRefund } from "./payment-types.ts";
import { tradeStatus } from "./payment-types.ts";
import { sign, signed } from "./sign.ts";

type Fields = Record<string, string>;
type Answer = { code: string; msg: string } | Record<string, unknown>;
type Handler = (
  ctx: SimContext,
  merchant: SimMerchant,
  request: { business: Fields; notifyUrl: string },
) => Answer;

const methods: Record<string, Handler> = { precreate, queryorder, closeorder, refund };

/** The wallet's gateway for merchants: signed JSON in, signed JSON out, always with HTTP 200. */
export function createPaymentsApp(ctx: SimContext): Hono {
  const app = new Hono();
  app.post("/:method", async (c) => {
    const method = c.req.param("method");
    const handler = methods[method];
    const body = (await c.req.json()) as { Request?: Record<string, unknown> };
    const request = body.Request ?? {};
    const business = (request["biz_content"] ?? {}) as Fields;
    const merchant = ctx.world.findMerchant(business["merch_code"] ?? "");
    if (!handler || request["method"] !== `kbz.payment.${method}`) return c.json(failed("METHOD_ERROR"));
    if (!merchant || merchant.appId !== business["appid"]) return c.json(failed("MERCHANT_NOT_EXIST"));
    if (request["sign"] !== sign(request, merchant.key)) return c.json(failed("SIGN_ERROR"));
    const notifyUrl = typeof request["notify_url"] === "string" ? request["notify_url"] : "";
    const answer = handler(ctx, merchant, { business, notifyUrl });
    const head = "code" in answer ? { result: "FAIL" } : { result: "SUCCESS", code: "0", msg: "success" };
    const nonce = { nonce_str: randomUUID().replaceAll("-", "") };
    return c.json({ Response: signed({ ...head, ...nonce, ...answer }, merchant.key) });
  });
  return app;
}

function failed(code: string) {
  return { Response: { result: "FAIL", code, msg: code.toLowerCase().replaceAll("_", " ") } };
}

function refuse(code: string): Answer {
  return failed(code).Response;
}

function precreate(
  ctx: SimContext,
  merchant: SimMerchant,
  { business, notifyUrl }: Parameters<Handler>[2],
): Answer {
  const { merch_order_id: merchantOrderId = "", total_amount: total = "", title = "" } = business;
  const minutes = Number(/^(\d{1,6})m$/.exec(business["timeout_express"] ?? "120m")?.[1] ?? Number.NaN);
  const isRight =
    /^[0-9A-Za-z]{1,64}$/.test(merchantOrderId) &&
    /^[1-9]\d{0,12}$/.test(total) &&
    business["trans_currency"] === "MMK" &&
    business["trade_type"] === "PAY_BY_QRCODE" &&
    URL.canParse(notifyUrl) &&
    minutes > 0;
  if (!isRight) return refuse("PARAM_ERROR");
  if (ctx.world.findPayment(merchantOrderId)) return refuse("ORDER_ID_USED");
  const { merchantCode } = merchant;
  const payment: SimPayment = {
    merchantOrderId,
    merchantCode,
    title,
    amount: Number(total),
    currency: "MMK",
    notifyUrl,
    prepayId: `KBZ00${randomUUID().replaceAll("-", "")}`,
    code: emvCode({ merchantCode, merchantName: "Shop", amount: Number(total), reference: merchantOrderId }),
    expiresAt: ctx.now() + minutes * 60_000,
    status: "WAIT_PAY",
    transactionId: null,
    paidAt: null,
    refunds: [],
  };
  ctx.world.putPayment(payment);
  return { merch_order_id: merchantOrderId, prepay_id: payment.prepayId, qrCode: payment.code };
}

function queryorder(ctx: SimContext, merchant: SimMerchant, { business }: Parameters<Handler>[2]): Answer {
  const payment = own(ctx, merchant, business);
  if (!payment) return refuse("ORDER_NOT_EXIST");
  const { refund_request_no: number } = business;
  const refunds = payment.refunds.filter((refund) => refund.refundRequestNo === number);
  return {
    merch_order_id: payment.merchantOrderId,
    merch_code: payment.merchantCode,
    trade_status: tradeStatus(payment, ctx.now()),
    total_amount: String(payment.amount),
    trans_currency: payment.currency,
    ...(payment.transactionId === null
      ? {}
      : { mm_order_id: payment.transactionId, pay_success_time: String(payment.paidAt) }),
    ...(number === undefined ? {} : { refund_info: refunds.map(refundFields) }),
  };
}

function closeorder(ctx: SimContext, merchant: SimMerchant, { business }: Parameters<Handler>[2]): Answer {
  const payment = own(ctx, merchant, business);
  if (!payment) return refuse("ORDER_NOT_EXIST");
  if (payment.status === "PAY_SUCCESS") return refuse("ORDER_PAID");
  ctx.world.putPayment({ ...payment, status: "ORDER_CLOSED" });
  return { merch_order_id: payment.merchantOrderId };
}

function refund(ctx: SimContext, merchant: SimMerchant, { business }: Parameters<Handler>[2]): Answer {
  const payment = own(ctx, merchant, business);
  const { refund_request_no: refundRequestNo = "", refund_amount: wanted } = business;
  if (!payment) return refuse("ORDER_NOT_EXIST");
  if (payment.status !== "PAY_SUCCESS") return refuse("ORDER_NOT_PAID");
  const known = payment.refunds.find((one) => one.refundRequestNo === refundRequestNo);
  if (known) return { ...refundAnswer(payment, known), refund_status: "REFUND_DUPLICATED" };
  const given = payment.refunds.reduce((sum, one) => sum + one.amount, 0);
  const amount = wanted === undefined ? payment.amount : Number(wanted);
  if (!Number.isSafeInteger(amount) || amount <= 0 || given + amount > payment.amount) {
    return refuse("REFUND_AMOUNT_ERROR");
  }
  const refund: SimRefund = {
    refundRequestNo,
    refundOrderId: `0300${randomInt(10 ** 11, 10 ** 12)}`,
    amount,
    status: "REFUND_SUCCESS",
  };
  ctx.world.putPayment({ ...payment, refunds: [...payment.refunds, refund] });
  return refundAnswer(payment, refund);
}

function own(ctx: SimContext, { merchantCode }: SimMerchant, business: Fields): SimPayment | undefined {
  const payment = ctx.world.findPayment(business["merch_order_id"] ?? "");
  return payment?.merchantCode === merchantCode ? payment : undefined;
}

function refundFields({ refundRequestNo, refundOrderId, amount, status }: SimRefund) {
  return {
    refund_request_no: refundRequestNo,
    refund_order_id: refundOrderId,
    refund_amount: String(amount),
    refund_status: status,
  };
}

function refundAnswer(payment: SimPayment, refund: SimRefund) {
  return {
    merch_order_id: payment.merchantOrderId,
    merch_code: payment.merchantCode,
    trans_order_id: payment.transactionId,
    refund_currency: payment.currency,
    ...refundFields(refund),
  };
}
