import type { Selectable } from "kysely";

import type { CustomerId, EvidenceId, OrderId, ShopId } from "../domain/id.ts";
import type { DeliveryState, OrderState, PaymentState } from "../domain/order/states.ts";
import type { ShopTransaction } from "./connection.ts";
import { findOrder, listOrderLines } from "./orders.ts";
import type { OrderLineRow, OrderRow } from "./orders.ts";
import { listPaymentEntries } from "./payment-entries.ts";
import type { PaymentEntryRow } from "./payment-entries.ts";
import { listEvidence } from "./payment-evidence.ts";
import type { EvidenceRow } from "./payment-evidence.ts";
import type { OrderEventsTable } from "./schema/orders.ts";

export type OrderEventRow = Selectable<OrderEventsTable>;

export type OrderFilter = {
  shopId: ShopId;
  /** Without it drafts are left out: a summary that nobody confirmed is not an order. */
  orderState?: OrderState;
  paymentState?: PaymentState;
  fulfilmentState?: DeliveryState;
  customerId?: CustomerId;
  before?: OrderId;
  limit: number;
};

/** Newest first; `before` is the last id of the page above. */
export function listOrders(trx: ShopTransaction, filter: OrderFilter): Promise<OrderRow[]> {
  let query = trx
    .selectFrom("orders")
    .selectAll()
    .where("shop_id", "=", filter.shopId)
    .orderBy("id", "desc")
    .limit(filter.limit);
  query =
    filter.orderState === undefined
      ? query.where("order_state", "!=", "draft")
      : query.where("order_state", "=", filter.orderState);
  if (filter.paymentState !== undefined) query = query.where("payment_state", "=", filter.paymentState);
  if (filter.fulfilmentState !== undefined) {
    query = query.where("fulfilment_state", "=", filter.fulfilmentState);
  }
  if (filter.customerId !== undefined) query = query.where("customer_id", "=", filter.customerId);
  if (filter.before !== undefined) query = query.where("id", "<", filter.before);
  return query.execute();
}

export type OrderDetail = {
  order: OrderRow;
  paymentMethodName: string;
  lines: OrderLineRow[];
  events: OrderEventRow[];
  evidence: EvidenceRow[];
  entries: PaymentEntryRow[];
};

/** The order with everything that belongs to it, oldest first. */
export async function findOrderDetail(
  trx: ShopTransaction,
  ref: { shopId: ShopId; orderId: OrderId },
): Promise<OrderDetail | undefined> {
  const order = await findOrder(trx, ref);
  if (order === undefined) return undefined;
  const method = await trx
    .selectFrom("payment_methods")
    .select("name")
    .where("shop_id", "=", ref.shopId)
    .where("id", "=", order.payment_method_id)
    .executeTakeFirstOrThrow();
  const events = await trx
    .selectFrom("order_events")
    .selectAll()
    .where("shop_id", "=", ref.shopId)
    .where("order_id", "=", ref.orderId)
    .orderBy("at")
    .orderBy("id")
    .execute();
  const lines = await listOrderLines(trx, { shopId: ref.shopId, orderIds: [ref.orderId] });
  const evidence = await listEvidence(trx, ref);
  const entries = await listPaymentEntries(trx, ref);
  return { order, paymentMethodName: method.name, lines, events, evidence, entries };
}

export type ListedPaymentRow = PaymentEntryRow & { order_number: string | null };

/** The shop's ledger, newest first; `before` is the last id of the page above. */
export function listShopPayments(
  trx: ShopTransaction,
  filter: { shopId: ShopId; orderId?: OrderId; evidenceId?: EvidenceId; before?: string; limit: number },
): Promise<ListedPaymentRow[]> {
  let query = trx
    .selectFrom("payment_entries")
    .leftJoin("orders", (join) =>
      join
        .onRef("orders.shop_id", "=", "payment_entries.shop_id")
        .onRef("orders.id", "=", "payment_entries.order_id"),
    )
    .selectAll("payment_entries")
    .select("orders.number as order_number")
    .where("payment_entries.shop_id", "=", filter.shopId)
    .orderBy("payment_entries.id", "desc")
    .limit(filter.limit);
  if (filter.orderId !== undefined) query = query.where("payment_entries.order_id", "=", filter.orderId);
  if (filter.evidenceId !== undefined) {
    query = query.where("payment_entries.evidence_id", "=", filter.evidenceId);
  }
  if (filter.before !== undefined) query = query.where("payment_entries.id", "<", filter.before);
  return query.execute();
}
