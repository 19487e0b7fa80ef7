import { postCustomerCredit } from "../../db/customer-credits.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import type { OrderRow } from "../../db/orders.ts";
import { AppError } from "../../domain/app-error.ts";
import type { OutboundContent } from "../../domain/conversation/outbound.ts";
import type { AccountId } from "../../domain/id.ts";
import { textContent } from "../outbox/seal-message.ts";
import { moneyOf } from "./order-view.ts";
import type { OrderView } from "./order-view.ts";

type Effect = { key: string; by: AccountId | null; now: Date };

/** Takes the order's part off the customer's credit; throws `order.credit_spent` when there is not so much any more. */
export async function spendCredit(trx: ShopTransaction, order: OrderRow, effect: Effect): Promise<void> {
  if (order.credit_minor === 0) return;
  const outcome = await post(trx, order, { ...effect, kind: "spent" });
  if (outcome === "short") {
    throw new AppError("conflict", "order.credit_spent", { internal: `credit of order ${order.id}` });
  }
}

/** The order has ended without delivery. */
export async function returnCredit(trx: ShopTransaction, order: OrderRow, effect: Effect): Promise<void> {
  if (order.credit_minor > 0) await post(trx, order, { ...effect, kind: "returned" });
}

function post(
  trx: ShopTransaction,
  order: OrderRow,
  { kind, key, by, now }: Effect & { kind: "spent" | "returned" },
) {
  return postCustomerCredit(trx, {
    shopId: order.shop_id,
    customerId: order.customer_id,
    orderId: order.id,
    kind,
    amountMinor: order.credit_minor,
    currency: order.currency,
    effectKey: key,
    recordedBy: by,
    now,
  });
}

/** What the customer of an order that ends is told of the credit in it. */
export function creditBack(view: OrderView): OutboundContent[] {
  const { order, say } = view;
  if (order.credit_minor === 0) return [];
  return [textContent(say.creditReturned({ credit: moneyOf(view, order.credit_minor) }))];
}
