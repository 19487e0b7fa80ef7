import type { Insertable, Selectable, Updateable } from "kysely";

import { AppError } from "../domain/app-error.ts";
import { assertMoves } from "../domain/order/states.ts";
import type { OrderState } from "../domain/order/states.ts";
import type { Ledger } from "../domain/payment/payment-state.ts";
import type { CustomerId, OrderId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { OrderEventType, OrderEventsTable, OrderLinesTable, OrdersTable } from "./schema/orders.ts";

export type OrderRow = Selectable<OrdersTable>;
export type OrderLineRow = Selectable<OrderLinesTable>;
type Ref = { shopId: ShopId; orderId: OrderId };

export async function findOrder(
  trx: ShopTransaction,
  { shopId, orderId }: Ref,
): Promise<OrderRow | undefined> {
  return trx
    .selectFrom("orders")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", orderId)
    .executeTakeFirst();
}

export async function getOrder(trx: ShopTransaction, ref: Ref): Promise<OrderRow> {
  const row = await findOrder(trx, ref);
  if (row) return row;
  throw new AppError("not_found", "order.not_found", { internal: `order ${ref.orderId}` });
}

/** After the conversation's lock, before the variants'. */
export async function lockOrder(trx: ShopTransaction, { shopId, orderId }: Ref): Promise<OrderRow> {
  const row = await trx
    .selectFrom("orders")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", orderId)
    .forUpdate()
    .executeTakeFirst();
  if (row) return row;
  throw new AppError("not_found", "order.not_found", { internal: `order ${orderId}` });
}

export async function listOrderLines(
  trx: ShopTransaction,
  { shopId, orderIds }: { shopId: ShopId; orderIds: OrderId[] },
): Promise<OrderLineRow[]> {
  if (orderIds.length === 0) return [];
  return trx
    .selectFrom("order_lines")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("order_id", "in", orderIds)
    .orderBy("position")
    .execute();
}

/** All orders of a customer. */
export async function listOrderStates(
  trx: ShopTransaction,
  { shopId, customerId }: { shopId: ShopId; customerId: CustomerId },
): Promise<{ orderId: OrderId; state: OrderState }[]> {
  return trx
    .selectFrom("orders")
    .select(["id as orderId", "order_state as state"])
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .orderBy("id")
    .execute();
}

/** The customer's orders that were placed, newest first. */
export async function listPlacedOrders(
  trx: ShopTransaction,
  { shopId, customerId, limit }: { shopId: ShopId; customerId: CustomerId; limit: number },
): Promise<OrderRow[]> {
  return trx
    .selectFrom("orders")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where("placed_at", "is not", null)
    .orderBy("placed_at", "desc")
    .limit(limit)
    .execute();
}

export async function insertDraftOrder(
  trx: ShopTransaction,
  { order, lines }: { order: Insertable<OrdersTable>; lines: Insertable<OrderLinesTable>[] },
): Promise<void> {
  await trx.insertInto("orders").values(order).execute();
  await trx.insertInto("order_lines").values(lines).execute();
}

/** The next human-friendly number of the shop. Numbers that an aborted placing took are not used again. */
export async function takeOrderNumber(trx: ShopTransaction, { shopId }: { shopId: ShopId }): Promise<string> {
  const row = await trx
    .updateTable("shops")
    .set((eb) => ({ next_order_number: eb("next_order_number", "+", 1) }))
    .where("id", "=", shopId)
    .returning("next_order_number")
    .executeTakeFirstOrThrow();
  return `A-${row.next_order_number - 1}`;
}

/** The one change of an order's row, guarded by the version that the change was decided on; along legal edges only. */
export async function updateOrder(
  trx: ShopTransaction,
  {
    shopId,
    orderId,
    from,
    set,
    now,
  }: Ref & { from: OrderRow; set: Omit<Updateable<OrdersTable>, "version">; now: Date },
): Promise<OrderRow | undefined> {
  const { order_state, payment_state, fulfilment_state } = from;
  assertMoves({ order_state, payment_state, fulfilment_state }, set);
  return trx
    .updateTable("orders")
    .set({ ...set, version: from.version + 1, updated_at: now })
    .where("shop_id", "=", shopId)
    .where("id", "=", orderId)
    .where("version", "=", from.version)
    .returningAll()
    .executeTakeFirst();
}

/** The order's money, as the rules of payment take it. */
export function ledgerOf(
  row: Pick<OrderRow, "total_minor" | "received_minor" | "refunded_minor" | "paid_at">,
): Ledger {
  return {
    totalMinor: row.total_minor,
    receivedMinor: row.received_minor,
    refundedMinor: row.refunded_minor,
    wasPaid: row.paid_at !== null,
  };
}

/** True when the order's story has a step that was taken under this key: the decision was carried out. */
export async function isDecided(
  trx: ShopTransaction,
  { shopId, orderId, decisionKey }: Ref & { decisionKey: string },
): Promise<boolean> {
  const row = await trx
    .selectFrom("order_events")
    .select("id")
    .where("shop_id", "=", shopId)
    .where("order_id", "=", orderId)
    .where("decision_key", "=", decisionKey)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The newest step of a kind in the order's story. */
export async function findOrderEvent(
  trx: ShopTransaction,
  { shopId, orderId, type }: Ref & { type: OrderEventType },
): Promise<Pick<Selectable<OrderEventsTable>, "data" | "actor_kind"> | undefined> {
  return trx
    .selectFrom("order_events")
    .select(["data", "actor_kind"])
    .where("shop_id", "=", shopId)
    .where("order_id", "=", orderId)
    .where("type", "=", type)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
}

export async function insertOrderEvents(
  trx: ShopTransaction,
  events: Insertable<OrderEventsTable>[],
): Promise<void> {
  if (events.length > 0) await trx.insertInto("order_events").values(events).execute();
}
