/**
 * An order that has ended stays open while a slip of it waits for a decision, or a surplus for its refund. How often an
 * expiry waited for words of the customer is counted, so that they cannot hold the goods for ever.
 */
export const openOrders: readonly string[] = [
  `drop index orders_open`,
  `create index orders_open on orders (id)
    where order_state = 'placed' or payment_state = 'refund_due' or review_since is not null
      or (order_state = 'completed' and received_minor - refunded_minor > total_minor)`,
  `alter table orders add column expiry_graces integer not null default 0`,
];
