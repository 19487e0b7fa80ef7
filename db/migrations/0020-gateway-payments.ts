import { grantsOn, rowSecurityOf } from "./0006-access.ts";

const write = "select, insert, update";

/** Money that comes and goes at a payment provider, which confirms it itself. */
export const gatewayPayments: readonly string[] = [
  `alter table payment_methods drop constraint payment_methods_kind_check`,
  `alter table payment_methods add constraint payment_methods_kind_check
    check (kind in ('transfer', 'cod', 'gateway'))`,
  // The account at the provider, sealed; the shop's customers are never shown it.
  `alter table payment_methods add column provider text, add column merchant bytea`,
  `alter table payment_methods add constraint payment_methods_gateway
    check ((kind = 'gateway') = (provider is not null and merchant is not null))`,
  `alter table orders drop constraint orders_payment_kind_check`,
  `alter table orders add constraint orders_payment_kind_check
    check (payment_kind in ('transfer', 'cod', 'gateway'))`,

  // What is paid for is named by purpose and owner, so that nothing here knows of orders.
  `create table gateway_payments (
    shop_id uuid not null references shops (id),
    id uuid not null,
    purpose text not null,
    owner_id uuid not null,
    attempt integer not null,
    payment_method_id uuid not null,
    provider text not null,
    merchant_order_id text not null unique,
    state text not null check (state in
      ('created', 'unknown', 'pending', 'paid', 'closed', 'refunding', 'refunded')),
    amount_minor bigint not null check (amount_minor between 1 and 9000000000000),
    currency text not null,
    expires_at timestamptz not null,
    next_check_at timestamptz,
    checks integer not null default 0,
    error_code text,
    paid_minor bigint not null default 0 check (paid_minor between 0 and 9000000000000),
    provider_index bytea,
    paid_at timestamptz,
    booked_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (shop_id, id),
    unique (shop_id, purpose, owner_id, attempt),
    check ((paid_at is null) = (paid_minor = 0)),
    foreign key (shop_id, payment_method_id) references payment_methods (shop_id, id)
  )`,
  `create index gateway_payments_due on gateway_payments (next_check_at) where next_check_at is not null`,
  `create index gateway_payments_method on gateway_payments (shop_id, payment_method_id)`,

  `create table gateway_refunds (
    shop_id uuid not null references shops (id),
    id uuid not null,
    payment_id uuid not null,
    state text not null check (state in ('requested', 'unknown', 'done', 'failed')),
    amount_minor bigint not null check (amount_minor between 1 and 9000000000000),
    effect_key text not null,
    requested_by uuid,
    next_check_at timestamptz,
    checks integer not null default 0,
    error_code text,
    done_at timestamptz,
    booked_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (shop_id, id),
    unique (shop_id, effect_key),
    foreign key (shop_id, payment_id) references gateway_payments (shop_id, id)
  )`,
  `create index gateway_refunds_due on gateway_refunds (next_check_at) where next_check_at is not null`,
  `create index gateway_refunds_payment on gateway_refunds (shop_id, payment_id)`,

  // One line a piece of news, however often its callback comes.
  `create table gateway_events (
    shop_id uuid not null references shops (id),
    event_key bytea not null,
    payment_id uuid not null,
    received_at timestamptz not null,
    primary key (shop_id, event_key),
    foreign key (shop_id, payment_id) references gateway_payments (shop_id, id)
  )`,
  `create index gateway_events_payment on gateway_events (shop_id, payment_id)`,

  ...["gateway_payments", "gateway_refunds", "gateway_events"].flatMap((table) =>
    rowSecurityOf(table, "shop_id"),
  ),
  ...grantsOn("gateway_payments", {
    api: "select, update (next_check_at, checks)",
    worker: write,
    system: "select",
  }),
  ...grantsOn("gateway_refunds", { api: "select", worker: write, system: "select" }),
  ...grantsOn("gateway_events", { api: "select, insert" }),
];
