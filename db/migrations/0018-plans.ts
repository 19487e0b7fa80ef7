import { rowSecurityOf } from "./0006-access.ts";

/** What admins of the platform reach: these rows of every shop, and no others. */
export function rowSecurityForAdmins(table: string): string[] {
  return [
    ...rowSecurityOf(table, "shop_id"),
    `create policy admin on ${table} to app_admin using (true) with check (true)`,
  ];
}

/** Plans, what each shop has of them, its requests for another, and who of the platform decides about those. */
export const plans: readonly string[] = [
  // A published version never changes: nobody but the owner of the tables may write here.
  `create table plans (
    code text not null,
    version integer not null check (version > 0),
    names jsonb not null,
    period_months integer not null check (period_months > 0),
    credits_per_period integer not null check (credits_per_period >= 0),
    limits jsonb not null,
    primary key (code, version)
  )`,
  `create table plan_prices (
    plan_code text not null,
    plan_version integer not null,
    currency text not null,
    amount_minor bigint not null check (amount_minor > 0),
    primary key (plan_code, plan_version, currency),
    foreign key (plan_code, plan_version) references plans (code, version)
  )`,
  `create function refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception 'a published plan version never changes: publish another';
  end $$`,
  ...["plans", "plan_prices"].map(
    (table) =>
      `create trigger published before update or delete on ${table} for each row execute function refuse_change()`,
  ),
  `insert into plans (code, version, names, period_months, credits_per_period, limits) values
    ('trial', 1, '{"en": "Trial", "my": "အစမ်းသုံး"}', 1, 200, '{"products": 20, "pages": 1, "staff": 1}'),
    ('starter', 1, '{"en": "Starter", "my": "အခြေခံ"}', 1, 1500, '{"products": 100, "pages": 1, "staff": 2}'),
    ('growth', 1, '{"en": "Growth", "my": "တိုးတက်ရေး"}', 1, 5000, '{"products": 1000, "pages": 3, "staff": 5}'),
    ('business', 1, '{"en": "Business", "my": "လုပ်ငန်းသုံး"}', 1, 20000, '{"products": null, "pages": 10, "staff": 20}')`,
  `insert into plan_prices (plan_code, plan_version, currency, amount_minor) values
    ('starter', 1, 'MMK', 45000), ('growth', 1, 'MMK', 120000), ('business', 1, 'MMK', 350000),
    ('starter', 1, 'USD', 1200), ('growth', 1, 'USD', 3200), ('business', 1, 'USD', 9500)`,

  `create table subscriptions (
    shop_id uuid primary key references shops (id),
    plan_code text not null,
    plan_version integer not null,
    state text not null check (state in ('trial', 'active', 'grace', 'limited', 'suspended')),
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    worth_minor bigint,
    currency text,
    scheduled_plan_code text,
    scheduled_plan_version integer,
    version integer not null default 1,
    updated_at timestamptz not null,
    foreign key (plan_code, plan_version) references plans (code, version),
    foreign key (scheduled_plan_code, scheduled_plan_version) references plans (code, version),
    check ((worth_minor is null) = (currency is null))
  )`,
  `create index subscriptions_plan on subscriptions (plan_code, plan_version)`,
  `create index subscriptions_scheduled on subscriptions (scheduled_plan_code, scheduled_plan_version)
    where scheduled_plan_code is not null`,
  // The trial of a shop that is there already begins now. No policy lets the owner of the tables see rows that are forced.
  `alter table shops no force row level security`,
  `insert into subscriptions (shop_id, plan_code, plan_version, state, starts_at, ends_at, updated_at)
    select id, 'trial', 1, 'trial', now(), (now() at time zone time_zone + interval '1 month') at time zone time_zone, now()
    from shops`,
  `alter table shops force row level security`,

  `alter table subjects drop constraint subjects_kind_check`,
  `alter table subjects add constraint subjects_kind_check
    check (kind in ('customer', 'account', 'shop', 'upgrade'))`,
  `create table upgrade_requests (
    shop_id uuid not null references shops (id),
    id uuid not null,
    plan_code text not null,
    plan_version integer not null,
    amount_minor bigint not null,
    currency text not null,
    state text not null
      check (state in ('draft', 'submitted', 'asked_again', 'approved', 'rejected', 'lapsed', 'cancelled')),
    timings jsonb not null,
    needs_second_approval boolean not null,
    requested_by uuid not null references accounts (id),
    upload_id uuid,
    reference_note_id uuid,
    reference_index bytea,
    reason_note_id uuid,
    evidence_due_at timestamptz,
    submitted_at timestamptz,
    reminded_at timestamptz,
    escalated_at timestamptz,
    first_approved_by uuid references accounts (id),
    first_approved_at timestamptz,
    decided_by uuid references accounts (id),
    ended_at timestamptz,
    purge_due_at timestamptz,
    purged_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    primary key (shop_id, id),
    foreign key (plan_code, plan_version) references plans (code, version),
    foreign key (shop_id, id) references subjects (shop_id, id)
  )`,
  `create index upgrade_requests_plan on upgrade_requests (plan_code, plan_version)`,
  ...["requested_by", "first_approved_by", "decided_by"].map(
    (column) => `create index upgrade_requests_${column} on upgrade_requests (${column})`,
  ),
  `create unique index upgrade_requests_one_open on upgrade_requests (shop_id)
    where state in ('draft', 'submitted', 'asked_again')`,
  // All shops pay into one account, so a reference pays once for all of them.
  `create unique index upgrade_requests_reference on upgrade_requests (reference_index) where state = 'approved'`,
  `create index upgrade_requests_to_serve on upgrade_requests (id) where purged_at is null`,
  // Admins find a request by its id alone, in whichever shop.
  `create index upgrade_requests_id on upgrade_requests (id)`,
  `create index upgrade_requests_queue on upgrade_requests (state, id)`,

  // The id is that of the bytes in the object store as well.
  `create table upgrade_uploads (
    shop_id uuid not null,
    id uuid not null,
    request_id uuid not null,
    sealed_key bytea,
    size integer,
    created_at timestamptz not null,
    received_at timestamptz,
    primary key (shop_id, id),
    foreign key (shop_id, request_id) references upgrade_requests (shop_id, id)
  )`,
  `create index upgrade_uploads_request on upgrade_uploads (shop_id, request_id)`,
  // Deferred: evidence is purged in the same transaction as the mention of it.
  `alter table upgrade_requests add foreign key (shop_id, upload_id) references upgrade_uploads (shop_id, id)
    deferrable initially deferred`,
  `create index upgrade_requests_upload on upgrade_requests (shop_id, upload_id)`,
  // What a person writes about a request, sealed under its key: the owner's payment reference, an admin's reason.
  `create table upgrade_notes (
    shop_id uuid not null,
    id uuid not null,
    request_id uuid not null,
    body bytea not null,
    created_at timestamptz not null,
    primary key (shop_id, id),
    foreign key (shop_id, request_id) references upgrade_requests (shop_id, id)
  )`,
  `create index upgrade_notes_request on upgrade_notes (shop_id, request_id)`,

  `create table plan_payments (
    shop_id uuid not null,
    id uuid not null,
    request_id uuid not null,
    plan_code text not null,
    plan_version integer not null,
    amount_minor bigint not null,
    currency text not null,
    payer_account_id uuid not null references accounts (id),
    paid_at timestamptz not null,
    primary key (shop_id, id),
    unique (shop_id, request_id),
    foreign key (shop_id, request_id) references upgrade_requests (shop_id, id)
  )`,
  `create index plan_payments_payer on plan_payments (payer_account_id)`,

  `create table platform_roles (
    account_id uuid not null references accounts (id),
    role text not null check (role in
      ('platform_admin', 'subscription_admin', 'payout_admin', 'payout_approver', 'compliance', 'auditor')),
    granted_by uuid references accounts (id),
    granted_at timestamptz not null,
    primary key (account_id, role)
  )`,
  `create index platform_roles_granted_by on platform_roles (granted_by)`,
  // An admin could do all that there was to do for one; from now on nobody reads the old column.
  `insert into platform_roles (account_id, role, granted_at)
    select id, role, now() from accounts, unnest(case platform_role
      when 'admin' then array['platform_admin', 'subscription_admin'] else array['compliance'] end) as role
    where platform_role is not null`,

  ...["subscriptions", "upgrade_requests", "upgrade_uploads", "upgrade_notes", "plan_payments"].flatMap(
    rowSecurityForAdmins,
  ),
  `grant select on plans, plan_prices to app_api, app_worker, app_admin, app_system`,
  `grant select, insert on subscriptions to app_api`,
  `grant select, insert, update on subscriptions to app_worker`,
  `grant select on subscriptions to app_admin, app_system`,
  `grant select, insert on upgrade_requests to app_api`,
  `grant select, update on upgrade_requests to app_worker`,
  `grant select on upgrade_requests to app_admin, app_system`,
  `grant select, insert on upgrade_uploads to app_api`,
  `grant update (sealed_key, size, received_at) on upgrade_uploads to app_api`,
  `grant select, delete on upgrade_uploads to app_worker`,
  `grant select on upgrade_uploads to app_admin`,
  `grant select, insert on upgrade_notes to app_api, app_admin`,
  `grant select, delete on upgrade_notes to app_worker`,
  `grant select, insert on plan_payments to app_worker`,
  `grant select on plan_payments to app_api, app_admin`,
  `grant select on platform_roles to app_system`,
  `grant select, insert, delete on platform_roles to app_admin`,
  `grant select on memberships to app_worker`,

  // The evidence of a request goes with its key, and the worker destroys no other.
  `grant select (shop_id, subject_id), delete on subject_keys to app_worker`,
  `create policy evidence_only on subject_keys as restrictive for delete to app_worker
    using (exists (select from subjects where subjects.shop_id = subject_keys.shop_id
      and subjects.id = subject_keys.subject_id and subjects.kind = 'upgrade'))`,

  // What admins do with a shop's request stands in that shop's log, which they cannot read.
  `alter table audit_events drop constraint audit_events_actor_kind_check`,
  `alter table audit_events add constraint audit_events_actor_kind_check
    check (actor_kind in ('customer', 'owner', 'system', 'admin'))`,
  `create policy admin on audit_events to app_admin using (true) with check (true)`,
  `grant insert on audit_events to app_admin`,
  // Admins act for no shop: their keys stand under the platform's id, which is none's.
  `alter table idempotency_keys drop constraint idempotency_keys_shop_id_fkey`,
];
