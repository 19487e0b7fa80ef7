import type { ShopTransaction } from "../../db/connection.ts";
import { moveGatewayPayment } from "../../db/gateway-payments.ts";
import type { GatewayPaymentRow } from "../../db/gateway-payments.ts";
import { listGatewayRefunds } from "../../db/gateway-refunds.ts";
import { isUnderWay } from "../order/gateway-money.ts";

/** With its last open refund a payment is given back, or paid again as far as it is not. */
export async function settlePayment(
  trx: ShopTransaction,
  payment: GatewayPaymentRow,
  now: Date,
): Promise<void> {
  const { shop_id: shopId, id: paymentId } = payment;
  // Read under the payment's lock: another refund may have failed meanwhile.
  const refunds = await listGatewayRefunds(trx, { shopId, paymentIds: [paymentId] });
  if (refunds.some(isUnderWay)) return;
  const givenMinor = refunds
    .filter(({ state }) => state === "done")
    .reduce((sum, { amount_minor }) => sum + amount_minor, 0);
  const state = givenMinor === payment.paid_minor ? ("refunded" as const) : ("paid" as const);
  await moveGatewayPayment(trx, { shopId, paymentId, from: "refunding", set: { state }, now });
}
