import type { ShopTransaction } from "../../db/connection.ts";
import { insertGatewayPayment, lockGatewayPayments } from "../../db/gateway-payments.ts";
import { ledgerOf } from "../../db/orders.ts";
import { balanceMinor } from "../../domain/payment/payment-state.ts";
import type { OrderView } from "./order-view.ts";

/**
 * Another code, over what is missing of an order that is paid at a provider, unless one can be paid already. Part of the
 * money is there: its time is that of a new order.
 */
export async function askForRest(
  trx: ShopTransaction,
  { order }: Pick<OrderView, "order">,
  { receivedMinor, now }: { receivedMinor: number; now: Date },
): Promise<void> {
  const restMinor = balanceMinor({ ...ledgerOf(order), receivedMinor });
  if (order.payment_kind !== "gateway" || order.order_state !== "placed" || restMinor === 0) return;
  const { shop_id: shopId, id: ownerId } = order;
  const payments = await lockGatewayPayments(trx, { shopId, purpose: "order", ownerId });
  const last = payments.at(-1);
  if (last === undefined || ["created", "unknown", "pending"].includes(last.state)) return;
  await insertGatewayPayment(trx, {
    shopId,
    purpose: "order",
    ownerId,
    attempt: last.attempt + 1,
    paymentMethodId: last.payment_method_id,
    provider: last.provider,
    amount: { amountMinor: restMinor, currency: last.currency },
    expiresAt: new Date(now.getTime() + order.timings.paymentDueMs),
    now,
  });
}
