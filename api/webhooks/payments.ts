import { createHash } from "node:crypto";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";

import { kbzReceived, readKbzClaim, verifyKbzCallback } from "../../clients/kbzpay-callback.ts";
import { insertGatewayEvent } from "../../db/gateway-events.ts";
import { merchantPlace } from "../../db/gateway-payments.ts";
import { findPaymentMethod } from "../../db/payment-methods.ts";
import { findPaymentByNumber } from "../../db/system-gateways.ts";
import type { KnownPayment } from "../../db/system-gateways.ts";
import { AppError } from "../../domain/app-error.ts";
import type { GatewayProvider, MerchantAccount } from "../../domain/ports/payment-gateway.ts";
import type { ApiDeps } from "../deps.ts";
import { HttpProblem } from "../problem.ts";
import type { ApiRouter } from "../router.ts";

const maxBytes = 64 * 1024;
const accountSchema = z.object({ appId: z.string(), merchantCode: z.string(), merchantKey: z.string() });

/**
 * The door of payment providers. What is signed with the key of the payment's own account is kept once, and somebody
 * looks at once; what it says of money is believed only when the provider, asked for it, says the same.
 */
export function mountPaymentWebhooks(app: ApiRouter): void {
  app.post("/webhooks/payments/kbzpay", bodyLimit({ maxSize: maxBytes, onError: tooLarge }), async (c) => {
    const { deps } = c.var;
    const claim = readKbzClaim(await c.req.text());
    if (claim === undefined) {
      throw new HttpProblem(400, "webhook.not_understood", "This is no callback of a payment.");
    }
    const known = await findAccount(deps, { provider: "kbzpay", merchantOrderId: claim.orderId });
    const callback = known && verifyKbzCallback(claim.fields, known.account);
    // The same answer for a payment that nobody knows: a stranger learns nothing of what there is.
    if (!known || !callback) {
      throw new AppError("unauthenticated", "webhook.signature_invalid", { internal: "bad signature" });
    }
    const { shopId, paymentId } = known;
    const eventKey = createHash("sha256").update(`kbzpay|${callback.news}`).digest();
    const isNews = await deps.db.withShop(shopId, (trx) =>
      insertGatewayEvent(trx, { shopId, paymentId, eventKey, now: deps.clock.now() }),
    );
    deps.log.info({ requestId: c.var.requestId, shopId, paymentId, isNews }, "payment.callback");
    return c.text(kbzReceived);
  });
}

/** The payment, and the account whose key must have signed. */
async function findAccount(
  deps: ApiDeps,
  number: { provider: GatewayProvider; merchantOrderId: string },
): Promise<(KnownPayment & { account: MerchantAccount }) | undefined> {
  const payment = await findPaymentByNumber(deps.system, number);
  const account = payment && (await openAccount(deps, payment));
  return account && { ...payment, account };
}

async function openAccount(
  { db, sealer, settings }: ApiDeps,
  { shopId, paymentMethodId }: KnownPayment,
): Promise<MerchantAccount | undefined> {
  if (paymentMethodId === null) return settings.platformMerchant ?? undefined;
  const method = await db.withShop(shopId, (trx) => findPaymentMethod(trx, { shopId, paymentMethodId }));
  if (!method?.merchant) return undefined;
  const place = merchantPlace(shopId, paymentMethodId);
  const [opened] = await sealer.open([{ place, sealed: method.merchant }]);
  return opened && accountSchema.parse(JSON.parse(opened.toString("utf8")));
}

function tooLarge(): never {
  throw new HttpProblem(413, "webhook.too_large", "The body is larger than 64 kB.");
}
