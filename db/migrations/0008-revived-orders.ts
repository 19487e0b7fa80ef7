/**
 * An expired order may come back for its late slip: its stock is then reserved, and later sold or released, in a new
 * round.
 */
export const revivedOrders: readonly string[] = [
  `alter table orders add column revivals integer not null default 0`,
  `alter table stock_moves add column round integer not null default 0`,
  `drop index stock_moves_order`,
  `create unique index stock_moves_order on stock_moves (shop_id, order_id, variant_id, kind, round)
    where order_id is not null`,
];
