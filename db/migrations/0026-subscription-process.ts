import { rowSecurityForAdmins } from "./0018-plans.ts";

/** What the rows of every shop say of their waits; each begins anew with this release, so that nobody is late at once. */
const waits = [
  `alter table subscriptions
    add column timings jsonb not null default '{"remindersBeforeMs": [604800000, 259200000, 86400000],
      "graceMs": 259200000, "limitedMs": 1209600000, "activityTimeoutMs": 30000, "activityRetryMs": 1000}',
    add column state_since timestamptz not null default now(),
    add column reminded_before_ms bigint,
    add column served_from timestamptz,
    add column scheduled_months integer not null default 0 check (scheduled_months >= 0),
    add column scheduled_worth_minor bigint not null default 0 check (scheduled_worth_minor >= 0),
    add column lock_mark integer not null default 0,
    add check (scheduled_plan_code is not null or (scheduled_months = 0 and scheduled_worth_minor = 0)),
    add check ((scheduled_plan_code is null) = (scheduled_plan_version is null))`,
  `create index subscriptions_to_serve on subscriptions (shop_id) where state <> 'suspended'`,
  // Whoever adds what a plan counts holds the row meanwhile, which asks for this right; nothing is changed by it.
  `grant update (lock_mark) on subscriptions to app_api`,
];

/** How much of which payment is in the running period, so that it can be taken out again. */
const worth = [
  `alter table plan_payments
    add column worth_minor bigint not null default 0 check (worth_minor >= 0),
    add column scheduled_months integer not null default 0 check (scheduled_months >= 0)`,
  // A running period begins with the first payment for its plan. No policy lets the owner of the tables see rows that are forced.
  ...["subscriptions", "plan_payments"].map((table) => `alter table ${table} no force row level security`),
  `update plan_payments p set worth_minor = p.amount_minor from subscriptions s
    where s.shop_id = p.shop_id and s.plan_code = p.plan_code and s.currency = p.currency and p.paid_at >= s.starts_at`,
  ...["subscriptions", "plan_payments"].map((table) => `alter table ${table} force row level security`),
  // Admins find a payment by its id alone, in whichever shop.
  `create index plan_payments_id on plan_payments (id)`,
  `grant update (worth_minor, scheduled_months) on plan_payments to app_worker`,
];

const reversals = [
  `create table plan_reversal_notes (
    shop_id uuid not null,
    id uuid not null,
    payment_id uuid not null,
    body bytea not null,
    created_at timestamptz not null,
    primary key (shop_id, id),
    foreign key (shop_id, payment_id) references plan_payments (shop_id, id)
  )`,
  `create index plan_reversal_notes_payment on plan_reversal_notes (shop_id, payment_id)`,
  `create table plan_reversals (
    shop_id uuid not null,
    id uuid not null,
    payment_id uuid not null,
    kind text not null check (kind in ('refund', 'chargeback')),
    state text not null check (state in ('proposed', 'done')),
    needs_second_approval boolean not null,
    reason_note_id uuid not null,
    proposed_by uuid not null references accounts (id),
    proposed_at timestamptz not null,
    approved_by uuid references accounts (id),
    done_at timestamptz,
    primary key (shop_id, id),
    unique (shop_id, payment_id),
    foreign key (shop_id, payment_id) references plan_payments (shop_id, id),
    foreign key (shop_id, reason_note_id) references plan_reversal_notes (shop_id, id),
    check (approved_by <> proposed_by),
    check ((state = 'done') = (done_at is not null)),
    check (state = 'proposed' or not needs_second_approval or approved_by is not null)
  )`,
  `create index plan_reversals_reason on plan_reversals (shop_id, reason_note_id)`,
  ...["proposed_by", "approved_by"].map(
    (column) => `create index plan_reversals_${column} on plan_reversals (${column})`,
  ),
  ...["plan_reversals", "plan_reversal_notes"].flatMap(rowSecurityForAdmins),
  `grant select, insert, update on plan_reversals to app_worker`,
  `grant select on plan_reversals to app_admin`,
  `grant select, insert on plan_reversal_notes to app_admin`,
];

/** What a subscription waits for, what was paid ahead, and payments for plans that were given back. */
export const subscriptionProcess: readonly string[] = [...waits, ...worth, ...reversals];
