import type { MerchantAccount } from "../domain/ports/payment-gateway.ts";
import type { Config } from "./config.ts";

/** The platform's own account at the payment provider, if it has one. */
export function platformMerchant({
  KBZPAY_APP_ID: appId,
  KBZPAY_MERCHANT_CODE: merchantCode,
  KBZPAY_MERCHANT_KEY: merchantKey,
}: Config): MerchantAccount | null {
  return appId && merchantCode && merchantKey ? { appId, merchantCode, merchantKey } : null;
}
