import { grantsOn, rowSecurityOf } from "./0006-access.ts";

/** What a shop keeps for a customer of money that was paid too much, until their next order. */
export const customerCredit: readonly string[] = [
  `create table customer_credits (
    shop_id uuid not null,
    customer_id uuid not null,
    currency text not null,
    balance_minor bigint not null check (balance_minor between 0 and 9000000000000),
    primary key (shop_id, customer_id, currency),
    foreign key (shop_id, customer_id) references customers (shop_id, id)
  )`,
  // Lines are never changed or removed; the balance is their sum.
  `create table customer_credit_lines (
    shop_id uuid not null,
    id uuid not null,
    customer_id uuid not null,
    currency text not null,
    order_id uuid not null,
    kind text not null check (kind in ('kept', 'spent', 'returned')),
    amount_minor bigint not null check (amount_minor <> 0 and (kind = 'spent') = (amount_minor < 0)),
    effect_key text not null,
    recorded_by uuid,
    recorded_at timestamptz not null,
    primary key (shop_id, id),
    unique (shop_id, effect_key),
    foreign key (shop_id, customer_id, currency) references customer_credits (shop_id, customer_id, currency),
    foreign key (shop_id, order_id) references orders (shop_id, id)
  )`,
  `create index customer_credit_lines_customer on customer_credit_lines (shop_id, customer_id, currency, id)`,
  `create index customer_credit_lines_order on customer_credit_lines (shop_id, order_id)`,
  `alter table orders add column credit_minor bigint not null default 0
    check (credit_minor between 0 and 9000000000000)`,
  // A surplus that is kept leaves the order as one that is given back does.
  `alter table payment_entries drop constraint payment_entries_kind_check`,
  `alter table payment_entries add constraint payment_entries_kind_check
    check (kind in ('payment', 'cash', 'refund', 'credit'))`,
  ...["customer_credits", "customer_credit_lines"].flatMap((table) => rowSecurityOf(table, "shop_id")),
  ...grantsOn("customer_credits", { api: "select", worker: "select, insert, update (balance_minor)" }),
  ...grantsOn("customer_credit_lines", { api: "select", worker: "select, insert" }),
];
