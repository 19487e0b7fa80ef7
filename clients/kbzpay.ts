import { z } from "zod";

import type { Clock } from "../domain/clock.ts";
import type { Money } from "../domain/money.ts";
import { mayShowCode } from "../domain/payment/payment-code.ts";
import type { RefundStanding } from "../domain/payment/gateway-payment.ts";
import type {
  CreateAnswer,
  MerchantAccount,
  PaymentGateway,
  QueryAnswer,
} from "../domain/ports/payment-gateway.ts";
import type { Egress } from "./egress.ts";
import { callKbz } from "./kbzpay-call.ts";
import type { KbzAnswer, KbzSettings } from "./kbzpay-call.ts";

/** Codes by which it says that it knows no such order; any other refusal of a look tells nothing. */
const absentCodes = new Set(["ORDER_NOT_EXIST", "ORDER_NOT_FOUND"]);
const usedCode = "ORDER_ID_USED";

const createdSchema = z.object({ merch_order_id: z.string(), qrCode: z.string() });
const text = z.coerce.string().trim();
const orderSchema = z.object({
  merch_order_id: z.string(),
  trade_status: text,
  total_amount: text.optional(),
  trans_currency: text.optional(),
  mm_order_id: text.optional(),
});
const refundSchema = z.object({ merch_order_id: z.string(), refund_status: text });
const refundsSchema = z.object({
  merch_order_id: z.string(),
  refund_info: z.array(z.object({ refund_request_no: z.string(), refund_status: text })).default([]),
});

/**
 * KBZPay's payment gateway, by its public documentation: precreate with `PAY_BY_QRCODE`, queryorder, closeorder,
 * refund. It takes kyats only. Never logs, so that no key can be in a log.
 */
export function createKbzPay(options: {
  egress: Egress;
  baseUrl: string;
  clock: Clock;
  /** An answer takes a second or two; the callers' leases are longer. */
  timeoutMs?: number;
}): PaymentGateway {
  const settings: KbzSettings = { ...options, timeoutMs: options.timeoutMs ?? 8_000 };
  const look = (account: MerchantAccount, business: Record<string, string>) =>
    callKbz(settings, account, { path: "queryorder", version: "3.0", business });
  return {
    async createPayment(account, { merchantOrderId, amount, title, notifyUrl, expiresInMs }) {
      const business = {
        merch_order_id: merchantOrderId,
        trade_type: "PAY_BY_QRCODE",
        title,
        ...wireAmount("total_amount", amount),
        timeout_express: `${Math.max(1, Math.ceil(expiresInMs / 60_000))}m`,
      };
      const request = { path: "precreate", version: "1.0", notifyUrl, business } as const;
      return created(await callKbz(settings, account, request), { merchantOrderId, amount });
    },

    queryPayment: async (account, merchantOrderId) =>
      queried(await look(account, { merch_order_id: merchantOrderId }), merchantOrderId),

    async closePayment(account, merchantOrderId) {
      const business = { merch_order_id: merchantOrderId };
      const answer = await callKbz(settings, account, { path: "closeorder", version: "3.0", business });
      return { outcome: answer.kind === "done" ? "closed" : "unclear" };
    },

    async refund(account, { merchantOrderId, refundNumber, amount }) {
      const business = {
        merch_order_id: merchantOrderId,
        refund_request_no: refundNumber,
        ...wireAmount("refund_amount", amount),
      };
      const answer = await callKbz(settings, account, { path: "refund", version: "1.0", business });
      if (answer.kind === "refused") return { outcome: "refused", code: answer.code };
      if (answer.kind !== "done") return { outcome: answer.kind };
      const parsed = refundSchema.safeParse(answer.response);
      const isOurs = parsed.success && parsed.data.merch_order_id === merchantOrderId;
      const standing = isOurs ? refundStanding(parsed.data.refund_status) : "unclear";
      // That it failed is said by a look only: this answer may be another attempt's.
      return { outcome: standing === "done" || standing === "under_way" ? standing : "unclear" };
    },

    async queryRefund(account, { merchantOrderId, refundNumber }) {
      const business = { merch_order_id: merchantOrderId, refund_request_no: refundNumber };
      const answer = await look(account, business);
      if (answer.kind !== "done") return "unclear";
      const parsed = refundsSchema.safeParse(answer.response);
      if (!parsed.success || parsed.data.merch_order_id !== merchantOrderId) return "unclear";
      const found = parsed.data.refund_info.find((refund) => refund.refund_request_no === refundNumber);
      return found === undefined ? "absent" : refundStanding(found.refund_status);
    },
  };
}

function created(
  answer: KbzAnswer,
  { merchantOrderId, amount }: { merchantOrderId: string; amount: Money },
): CreateAnswer {
  if (answer.kind === "refused") {
    return answer.code === usedCode ? { outcome: "known" } : { outcome: "refused", code: answer.code };
  }
  if (answer.kind !== "done") return { outcome: answer.kind };
  const parsed = createdSchema.safeParse(answer.response);
  const isOurs = parsed.success && parsed.data.merch_order_id === merchantOrderId;
  if (!isOurs || !mayShowCode(parsed.data.qrCode, amount)) return { outcome: "unclear" };
  return { outcome: "created", code: parsed.data.qrCode };
}

function queried(answer: KbzAnswer, merchantOrderId: string): QueryAnswer {
  if (answer.kind === "refused" && absentCodes.has(answer.code)) return { standing: "absent" };
  if (answer.kind !== "done") return { standing: "unclear" };
  const parsed = orderSchema.safeParse(answer.response);
  if (!parsed.success || parsed.data.merch_order_id !== merchantOrderId) return { standing: "unclear" };
  const {
    trade_status: status,
    total_amount: total,
    trans_currency: currency,
    mm_order_id: id,
  } = parsed.data;
  switch (status) {
    case "PAY_SUCCESS": {
      const amountMinor = readAmount(total);
      const isWhole = amountMinor !== undefined && currency === "MMK" && id !== undefined;
      if (!isWhole || !/^[\w-]{4,64}$/u.test(id)) return { standing: "unclear" };
      return { standing: "paid", amount: { amountMinor, currency: "MMK" }, reference: id };
    }
    case "WAIT_PAY":
    case "PAYING":
    case "PAY_FAILED": // another try may still succeed
      return { standing: "waiting" };
    case "ORDER_EXPIRED":
    case "ORDER_CLOSED":
      return { standing: "closed" };
    default:
      return { standing: "unclear" };
  }
}

function refundStanding(status: string): RefundStanding {
  switch (status) {
    case "REFUND_SUCCESS":
      return "done";
    case "REFUNDING":
      return "under_way";
    case "REFUND_FAILED":
      return "failed";
    default:
      return "unclear"; // REFUND_DUPLICATED: there was one of this number, and a look says what became of it
  }
}

/** Kyats have no minor unit: the wire's amount in major units is ours. */
function wireAmount(name: string, { amountMinor, currency }: Money): Record<string, string> {
  if (currency !== "MMK") throw new TypeError("KBZPay takes kyats only");
  return name === "total_amount"
    ? { [name]: String(amountMinor), trans_currency: currency }
    : { [name]: String(amountMinor) };
}

function readAmount(text: string | undefined): number | undefined {
  const whole = /^(\d{1,13})(?:\.0{1,2})?$/u.exec(text ?? "")?.[1];
  return whole === undefined || Number(whole) === 0 ? undefined : Number(whole);
}
