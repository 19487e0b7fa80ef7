import { sql } from "kysely";
import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from "kysely";

import type { CustomerId, OrderId, ShopId } from "../domain/id.ts";
import type { Sealed } from "../domain/sealing.ts";
import type { ShopTransaction } from "./connection.ts";
import type { OrderRow } from "./orders.ts";
import type { Schema } from "./schema/index.ts";

/** What an owner has to do about an order, or waits for. An order with a surplus stands on two boards. */
export const orderBoards = ["decide", "payment", "ship", "onTheWay", "refund", "done"] as const;

export type OrderBoard = (typeof orderBoards)[number];
export type OrderBoardCounts = Record<OrderBoard, number>;

type Builder = ExpressionBuilder<Schema, "orders">;
type Condition = ExpressionWrapper<Schema, "orders", SqlBool>;

const conditions: Record<OrderBoard, (eb: Builder) => Condition> = {
  decide: awaitsDecision,
  payment: (eb) =>
    eb.and([
      eb("order_state", "=", "placed"),
      eb("review_since", "is", null),
      eb("payment_state", "in", ["due", "part_paid", "under_review"]),
    ]),
  ship: (eb) =>
    eb.and([
      eb("order_state", "=", "placed"),
      eb("fulfilment_state", "in", ["pending", "packed"]),
      eb.or([
        eb("payment_state", "=", "paid"),
        eb.and([eb("payment_state", "=", "cod_due"), eb("cod_accepted_at", "is not", null)]),
      ]),
    ]),
  onTheWay: (eb) => eb.and([eb("order_state", "=", "placed"), eb("fulfilment_state", "=", "shipped")]),
  refund: (eb) => eb.or([eb("payment_state", "=", "refund_due"), isOverpaid(eb)]),
  done: (eb) =>
    eb.and([eb("order_state", "in", ["completed", "cancelled"]), eb("payment_state", "!=", "refund_due")]),
};

export function countOrderBoards(
  trx: ShopTransaction,
  { shopId }: { shopId: ShopId },
): Promise<OrderBoardCounts> {
  return trx
    .selectFrom("orders")
    .select((eb) =>
      orderBoards.map((board) => eb.fn.countAll<number>().filterWhere(conditions[board]).as(board)),
    )
    .where("shop_id", "=", shopId)
    .where("order_state", "!=", "draft")
    .executeTakeFirstOrThrow();
}

/** Newest first; `before` is the last id of the page above. */
export function listOrderBoard(
  trx: ShopTransaction,
  filter: { shopId: ShopId; board: OrderBoard; before?: OrderId; limit: number },
): Promise<OrderRow[]> {
  let query = trx
    .selectFrom("orders")
    .selectAll()
    .where("shop_id", "=", filter.shopId)
    .where("order_state", "!=", "draft")
    .where(conditions[filter.board])
    .orderBy("id", "desc")
    .limit(filter.limit);
  if (filter.before !== undefined) query = query.where("id", "<", filter.before);
  return query.execute();
}

/** The customer's orders that a transfer may be for: open ones first, then the newest. */
export function listOrdersByTransfer(
  trx: ShopTransaction,
  { shopId, customerId, limit }: { shopId: ShopId; customerId: CustomerId; limit: number },
): Promise<OrderRow[]> {
  return trx
    .selectFrom("orders")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where("payment_kind", "=", "transfer")
    .where("order_state", "!=", "draft")
    .orderBy((eb) => eb("order_state", "=", "placed"), "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

export type CustomerContact = { customerId: CustomerId; orderId: OrderId; contact: Sealed | null };

/** The contact of each customer's newest placed order, for those who have one. */
export function listNewestContacts(
  trx: ShopTransaction,
  { shopId, customerIds }: { shopId: ShopId; customerIds: readonly CustomerId[] },
): Promise<CustomerContact[]> {
  if (customerIds.length === 0) return Promise.resolve([]);
  return trx
    .selectFrom("orders")
    .distinctOn("customer_id")
    .select(["customer_id as customerId", "id as orderId"])
    .select((eb) => eb.ref("contact").$notNull().as("contact"))
    .where("contact", "is not", null)
    .where("shop_id", "=", shopId)
    .where("customer_id", "in", customerIds)
    .where("placed_at", "is not", null)
    .orderBy("customer_id")
    .orderBy("id", "desc")
    .execute();
}

/** A slip is under review, or cash on delivery is not accepted yet. */
export function awaitsDecision(eb: Builder): Condition {
  const isUnaccepted = eb.and([
    eb("order_state", "=", "placed"),
    eb("payment_kind", "=", "cod"),
    eb("cod_accepted_at", "is", null),
  ]);
  return eb.or([eb("review_since", "is not", null), isUnaccepted]);
}

function isOverpaid(eb: Builder): Condition {
  return eb.and([
    eb("order_state", "in", ["placed", "completed"]),
    sql<SqlBool>`received_minor - refunded_minor > total_minor`,
  ]);
}
