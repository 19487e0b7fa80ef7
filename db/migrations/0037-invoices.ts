import { grantsOn, rowSecurityOf } from "./0006-access.ts";

/** What an owner gets for their books, and to whom it is made out. */
export const invoices: readonly string[] = [
  `alter table subjects drop constraint subjects_kind_check`,
  `alter table subjects add constraint subjects_kind_check
    check (kind in ('customer', 'account', 'shop', 'upgrade', 'participant', 'billing'))`,
  // A change is another row under a key of its own: what no invoice names can go, and what one names goes with it.
  `create table billing_details (
    shop_id uuid not null references shops (id),
    id uuid not null,
    details bytea,
    created_at timestamptz not null,
    primary key (shop_id, id)
  )`,
  // A row is locked from the taking of a number to the end of the transaction: that leaves no gap.
  `create table invoice_counters (
    series text primary key,
    last_number integer not null check (last_number > 0)
  )`,
  `create table invoices (
    shop_id uuid not null references shops (id),
    id uuid not null,
    kind text not null check (kind in ('credit_note', 'invoice')),
    number text not null unique,
    request_id uuid not null,
    corrects_id uuid,
    amount_minor bigint not null check (amount_minor > 0),
    currency text not null,
    lines jsonb not null,
    tax jsonb,
    seller jsonb not null,
    shop_name text not null,
    billing_id uuid,
    time_zone text not null,
    issued_at timestamptz not null,
    primary key (shop_id, id),
    unique (shop_id, request_id, kind),
    unique (shop_id, corrects_id),
    foreign key (shop_id, request_id) references upgrade_requests (shop_id, id),
    foreign key (shop_id, corrects_id) references invoices (shop_id, id),
    foreign key (shop_id, billing_id) references billing_details (shop_id, id),
    check ((kind = 'credit_note') = (corrects_id is not null))
  )`,
  `create index invoices_billing on invoices (shop_id, billing_id)`,
  ...["billing_details", "invoices"].flatMap((table) => rowSecurityOf(table, "shop_id")),
  ...grantsOn("billing_details", { api: "select, insert", worker: "select" }),
  // Nobody changes or removes one.
  ...grantsOn("invoices", { api: "select", worker: "select, insert" }),
  ...grantsOn("invoice_counters", { worker: "select, insert, update (last_number)" }),
];
