import { z } from "zod";

import { merchantPlace } from "../../db/gateway-payments.ts";
import type { GatewayPaymentRow } from "../../db/gateway-payments.ts";
import { findPaymentMethod } from "../../db/payment-methods.ts";
import { AppError } from "../../domain/app-error.ts";
import type { MerchantAccount } from "../../domain/ports/payment-gateway.ts";
import type { ActivityDeps } from "../deps.ts";
import { openText } from "../open-text.ts";

const accountSchema = z.object({ appId: z.string(), merchantCode: z.string(), merchantKey: z.string() });

/** The account at the provider that is paid: the platform's own, or the shop's, opened for one look. */
export async function openMerchant(
  deps: ActivityDeps,
  {
    shop_id: shopId,
    payment_method_id: paymentMethodId,
  }: Pick<GatewayPaymentRow, "shop_id" | "payment_method_id">,
): Promise<MerchantAccount> {
  if (paymentMethodId === null) return platformMerchantOf(deps);
  const method = await deps.db.withShop(shopId, (trx) => findPaymentMethod(trx, { shopId, paymentMethodId }));
  const sealed = method?.merchant;
  if (!sealed) throw new TypeError("a payment's method has an account at the provider");
  const [text] = await openText(deps.sealer, [{ place: merchantPlace(shopId, paymentMethodId), sealed }]);
  if (text === undefined) {
    throw new AppError("not_found", "gateway.no_account", { internal: `method ${paymentMethodId}` });
  }
  return accountSchema.parse(JSON.parse(text));
}

/** What was begun with it is looked after only as long as it is there. */
function platformMerchantOf({ platformMerchant }: ActivityDeps): MerchantAccount {
  if (platformMerchant !== null) return platformMerchant;
  throw new AppError("internal", "gateway.no_account", { internal: "KBZPAY_MERCHANT_CODE is not set" });
}
