import { z } from "zod";

import { merchantPlace } from "../../db/gateway-payments.ts";
import type { GatewayPaymentRow } from "../../db/gateway-payments.ts";
import { findPaymentMethod } from "../../db/payment-methods.ts";
import { AppError } from "../../domain/app-error.ts";
import type { MerchantAccount } from "../../domain/ports/payment-gateway.ts";
import type { ActivityDeps } from "../deps.ts";
import { openText } from "../open-text.ts";

const accountSchema = z.object({ appId: z.string(), merchantCode: z.string(), merchantKey: z.string() });

/** The shop's account at the provider, opened for one look. */
export async function openMerchant(
  deps: ActivityDeps,
  {
    shop_id: shopId,
    payment_method_id: paymentMethodId,
  }: Pick<GatewayPaymentRow, "shop_id" | "payment_method_id">,
): Promise<MerchantAccount> {
  const method = await deps.db.withShop(shopId, (trx) => findPaymentMethod(trx, { shopId, paymentMethodId }));
  const sealed = method?.merchant;
  if (!sealed) throw new TypeError("a payment's method has an account at the provider");
  const [text] = await openText(deps.sealer, [{ place: merchantPlace(shopId, paymentMethodId), sealed }]);
  if (text === undefined) {
    throw new AppError("not_found", "gateway.no_account", { internal: `method ${paymentMethodId}` });
  }
  return accountSchema.parse(JSON.parse(text));
}
