import type { ShopTransaction } from "../../db/connection.ts";
import { listGatewayPayments } from "../../db/gateway-payments.ts";
import type { GatewayPaymentRow } from "../../db/gateway-payments.ts";
import { listGatewayRefunds } from "../../db/gateway-refunds.ts";
import type { GatewayRefundRow } from "../../db/gateway-refunds.ts";
import type { OrderRow } from "../../db/orders.ts";

/** What was asked of a payment provider for an order, and what the provider said of it. */
export type GatewayMoney = { payments: GatewayPaymentRow[]; refunds: GatewayRefundRow[] };

export const noGatewayMoney: GatewayMoney = { payments: [], refunds: [] };

export async function readGatewayMoney(
  trx: ShopTransaction,
  order: Pick<OrderRow, "shop_id" | "id" | "payment_kind">,
): Promise<GatewayMoney> {
  if (order.payment_kind !== "gateway") return noGatewayMoney;
  const shopId = order.shop_id;
  const payments = await listGatewayPayments(trx, { shopId, purpose: "order", ownerId: order.id });
  const refunds = await listGatewayRefunds(trx, { shopId, paymentIds: payments.map(({ id }) => id) });
  return { payments, refunds };
}

type Unbooked =
  | { kind: "payment"; payment: GatewayPaymentRow }
  | { kind: "refund"; refund: GatewayRefundRow };

/** Money that moved by the provider's word and is not in the ledger yet; what came before what went. */
export function unbookedOf({ payments, refunds }: GatewayMoney): Unbooked | undefined {
  const payment = payments.find(({ state, booked_at }) => state === "paid" && booked_at === null);
  if (payment) return { kind: "payment", payment };
  const refund = refunds.find(({ state, booked_at }) => state === "done" && booked_at === null);
  return refund && { kind: "refund", refund };
}

/** Asked for and not in the ledger yet: as good as given back, unless the provider refuses it. */
export function underWayMinor({ refunds }: GatewayMoney): number {
  return refunds.filter(isUnderWay).reduce((sum, { amount_minor }) => sum + amount_minor, 0);
}

export function isUnderWay({ state, booked_at }: GatewayRefundRow): boolean {
  return state !== "failed" && booked_at === null;
}
