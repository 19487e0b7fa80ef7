import { z } from "zod";

import { verifyKbzFields } from "../domain/payment/kbzpay-signature.ts";
import type { GatewayCallback, MerchantAccount } from "../domain/ports/payment-gateway.ts";

const envelope = z.object({ Request: z.record(z.string(), z.unknown()) });
const orderNumber = z.string().regex(/^[0-9A-Za-z]{1,64}$/u);
const callbackSchema = z.object({
  appid: z.string(),
  merch_code: z.coerce.string(),
  merch_order_id: orderNumber,
  mm_order_id: z.coerce.string().max(64).default(""),
  trade_status: z.coerce.string().trim().max(64),
});

/** What KBZPay takes as the word that a callback has arrived. */
export const kbzReceived = "success";

/** The order that a callback claims to be of, by which its key is found; nothing else of it is read before. */
export function readKbzClaim(body: string): { fields: Record<string, unknown>; orderId: string } | undefined {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return undefined;
  }
  const fields = envelope.safeParse(json).data?.Request;
  const orderId = orderNumber.safeParse(fields?.["merch_order_id"]).data;
  return fields === undefined || orderId === undefined ? undefined : { fields, orderId };
}

/** Undefined: it is not signed with the account's key, or not of that account, or not in the documented form. */
export function verifyKbzCallback(
  fields: Record<string, unknown>,
  account: MerchantAccount,
): GatewayCallback | undefined {
  if (!verifyKbzFields(fields, account.merchantKey)) return undefined;
  const parsed = callbackSchema.safeParse(fields);
  if (!parsed.success) return undefined;
  const { appid, merch_code: merchantCode, ...news } = parsed.data;
  if (appid !== account.appId || merchantCode !== account.merchantCode) return undefined;
  return {
    merchantOrderId: news.merch_order_id,
    news: `${news.merch_order_id}|${news.trade_status}|${news.mm_order_id}`,
  };
}
