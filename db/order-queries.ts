import type { Selectable } from "kysely";

import type { CustomerId, EvidenceId, OrderId, ShopId } from "../domain/id.ts";
import type { DeliveryState, OrderState, PaymentState } from "../domain/order/states.ts";
import type { ShopTransaction } from "./connection.ts";
import type {
  OrderEventsTable,
  OrderLinesTable,
  OrdersTable,
  PaymentEntriesTable,
  PaymentEvidenceTable,
} from "./schema/orders.ts";

export type OrderRow = Selectable<OrdersTable>;
export type OrderLineRow = Selectable<OrderLinesTable>;
export type OrderEventRow = Selectable<OrderEventsTable>;
export type PaymentEntryRow = Selectable<PaymentEntriesTable>;

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

export function findOrderRow(
  trx: ShopTransaction,
  { shopId, orderId }: { shopId: ShopId; orderId: OrderId },
): Promise<OrderRow | undefined> {
  return trx
    .selectFrom("orders")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", orderId)
    .executeTakeFirst();
}

export type OrderEvidenceRow = Omit<Selectable<PaymentEvidenceTable>, "reading">;

export type OrderDetail = {
  order: OrderRow;
  paymentMethodName: string;
  lines: OrderLineRow[];
  events: OrderEventRow[];
  evidence: OrderEvidenceRow[];
  entries: PaymentEntryRow[];
};

/** The order with everything that belongs to it, oldest first. */
export async function findOrderDetail(
  trx: ShopTransaction,
  ref: { shopId: ShopId; orderId: OrderId },
): Promise<OrderDetail | undefined> {
  const order = await findOrderRow(trx, ref);
  if (order === undefined) return undefined;
  const { name } = await trx
    .selectFrom("payment_methods")
    .select("name")
    .where("shop_id", "=", ref.shopId)
    .where("id", "=", order.payment_method_id)
    .executeTakeFirstOrThrow();
  const lines = await listOrderLines(trx, ref);
  const events = await listOrderEvents(trx, ref);
  const evidence = await listOrderEvidence(trx, ref);
  const entries = await listOrderEntries(trx, ref);
  return { order, paymentMethodName: name, lines, events, evidence, entries };
}

function listOrderLines(trx: ShopTransaction, ref: { shopId: ShopId; orderId: OrderId }) {
  return trx
    .selectFrom("order_lines")
    .selectAll()
    .where("shop_id", "=", ref.shopId)
    .where("order_id", "=", ref.orderId)
    .orderBy("position")
    .execute();
}

function listOrderEvents(trx: ShopTransaction, ref: { shopId: ShopId; orderId: OrderId }) {
  return trx
    .selectFrom("order_events")
    .selectAll()
    .where("shop_id", "=", ref.shopId)
    .where("order_id", "=", ref.orderId)
    .orderBy("at")
    .orderBy("id")
    .execute();
}

function listOrderEvidence(trx: ShopTransaction, ref: { shopId: ShopId; orderId: OrderId }) {
  return trx
    .selectFrom("payment_evidence")
    .select([
      "shop_id",
      "id",
      "customer_id",
      "order_id",
      "object_id",
      "state",
      "sealed_for",
      "verdict",
      "judged_at",
      "decided_at",
      "decided_by",
      "received_at",
    ])
    .where("shop_id", "=", ref.shopId)
    .where("order_id", "=", ref.orderId)
    .orderBy("id")
    .execute();
}

function listOrderEntries(trx: ShopTransaction, ref: { shopId: ShopId; orderId: OrderId }) {
  return trx
    .selectFrom("payment_entries")
    .selectAll()
    .where("shop_id", "=", ref.shopId)
    .where("order_id", "=", ref.orderId)
    .orderBy("id")
    .execute();
}

export type ListedPaymentRow = PaymentEntryRow & { order_number: string | null };

/** The shop's ledger, newest first; `before` is the last id of the page above. */
export function listPaymentEntries(
  trx: ShopTransaction,
  filter: { shopId: ShopId; orderId?: OrderId; evidenceId?: EvidenceId; before?: string; limit: number },
): Promise<ListedPaymentRow[]> {
  let query = trx
    .selectFrom("payment_entries")
    .innerJoin("orders", (join) =>
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
