import { rowSecurityOf } from "./0006-access.ts";

/** What says that a payment is to be asked for; that it was paid is the worker's to write. */
const asked =
  "shop_id, id, purpose, owner_id, attempt, provider, merchant_order_id, state, amount_minor, currency, expires_at, next_check_at, created_at, updated_at";

const published = (table: string) =>
  `create trigger published before update or delete on ${table} for each row execute function refuse_published_change()`;

/** Packages of credits, which an owner asks for and pays as for a plan. */
export const platformPayments: readonly string[] = [
  `create function refuse_published_change() returns trigger language plpgsql as $$
  begin
    raise exception 'a published version in % never changes: publish another', tg_table_name;
  end $$`,
  `create table top_ups (
    code text not null,
    version integer not null check (version > 0),
    names jsonb not null,
    credits integer not null check (credits > 0),
    valid_days integer not null check (valid_days > 0),
    primary key (code, version)
  )`,
  `create table top_up_prices (
    top_up_code text not null,
    top_up_version integer not null,
    currency text not null,
    amount_minor bigint not null check (amount_minor > 0),
    primary key (top_up_code, top_up_version, currency),
    foreign key (top_up_code, top_up_version) references top_ups (code, version)
  )`,
  published("top_ups"),
  published("top_up_prices"),
  // Dearer for each credit than a plan of about the size: a plan is what a shop that grows should take.
  `insert into top_ups (code, version, names, credits, valid_days) values
    ('small', 1, '{"en": "500 credits", "my": "ခရက်ဒစ် ၅၀၀"}', 500, 365),
    ('medium', 1, '{"en": "2,000 credits", "my": "ခရက်ဒစ် ၂,၀၀၀"}', 2000, 365),
    ('large', 1, '{"en": "10,000 credits", "my": "ခရက်ဒစ် ၁၀,၀၀၀"}', 10000, 365)`,
  `insert into top_up_prices (top_up_code, top_up_version, currency, amount_minor) values
    ('small', 1, 'MMK', 20000), ('medium', 1, 'MMK', 70000), ('large', 1, 'MMK', 300000),
    ('small', 1, 'USD', 550), ('medium', 1, 'USD', 1900), ('large', 1, 'USD', 8000)`,

  // A request is for a plan or for a package.
  `alter table upgrade_requests alter column plan_code drop not null, alter column plan_version drop not null,
    add column top_up_code text, add column top_up_version integer`,
  `alter table upgrade_requests add constraint upgrade_requests_bought check (
    (plan_code is null) = (plan_version is null) and (top_up_code is null) = (top_up_version is null)
    and num_nonnulls(plan_code, top_up_code) = 1)`,
  `alter table upgrade_requests add foreign key (top_up_code, top_up_version) references top_ups (code, version)`,
  `create index upgrade_requests_top_up on upgrade_requests (top_up_code, top_up_version)
    where top_up_code is not null`,
  // What makes a payment unique is what the approver reads on the proof.
  `alter table upgrade_requests add column reference_differs boolean not null default false`,
  // Apart from the payments of plans, since those earn commissions and these earn none.
  `create table top_up_payments (
    shop_id uuid not null,
    id uuid not null,
    request_id uuid not null,
    top_up_code text not null,
    top_up_version integer not null,
    amount_minor bigint not null,
    currency text not null,
    payer_account_id uuid not null references accounts (id),
    paid_at timestamptz not null,
    primary key (shop_id, id),
    unique (shop_id, request_id),
    foreign key (shop_id, request_id) references upgrade_requests (shop_id, id),
    foreign key (top_up_code, top_up_version) references top_ups (code, version)
  )`,
  `create index top_up_payments_payer on top_up_payments (payer_account_id)`,
  `create index top_up_payments_top_up on top_up_payments (top_up_code, top_up_version)`,
  ...rowSecurityOf("top_up_payments", "shop_id"),
  `create policy admin on top_up_payments to app_admin using (true) with check (true)`,
  `grant select on top_ups, top_up_prices to app_api, app_worker, app_admin, app_system`,
  `grant select, insert on top_up_payments to app_worker`,
  `grant select on top_up_payments to app_api, app_admin`,

  // A request is paid by a provider's code as well, into the platform's own account, which is no shop's method.
  `alter table gateway_payments alter column payment_method_id drop not null,
    add column code text, add column owed_at timestamptz`,
  `alter table gateway_payments add constraint gateway_payments_account
    check ((purpose = 'upgrade') = (payment_method_id is null))`,
  `create index gateway_payments_owed on gateway_payments (id) where owed_at is not null`,
  `create policy admin on gateway_payments to app_admin using (purpose = 'upgrade')`,
  `grant select on gateway_payments to app_admin`,
  `grant insert (${asked}) on gateway_payments to app_api`,
  `alter table gateway_refunds add column refused_at timestamptz`,
  // The provider has told of money that the request's process has not booked.
  `alter table upgrade_requests add column money_came_at timestamptz`,
];
