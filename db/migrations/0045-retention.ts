/** Runs of the retention, their proofs, and plans. */
const runs = [
  `create table retention_runs (
    id uuid primary key,
    kind text not null check (kind in ('purge', 'dry_run', 'plan')),
    state text not null check (state in ('running', 'done', 'stale')),
    at timestamptz not null,
    plan_id uuid references retention_runs (id),
    hash text,
    started_by uuid references accounts (id) on delete set null,
    started_at timestamptz not null,
    ended_at timestamptz,
    check ((kind = 'plan') = (plan_id is not null)),
    check ((state = 'running') = (ended_at is null))
  )`,
  // One of a kind at a time; a plan is executed once, unless it was stale.
  `create unique index retention_runs_one on retention_runs (kind) where state = 'running'`,
  `create unique index retention_runs_plan on retention_runs (plan_id) where state <> 'stale'`,
  `create index retention_runs_started_by on retention_runs (started_by)`,
  `create index retention_runs_dry on retention_runs (started_at) where kind = 'dry_run'`,
  `create table retention_results (
    run_id uuid not null references retention_runs (id),
    phase text not null check (phase in ('check', 'remove')),
    rule text not null,
    cut_off timestamptz not null,
    cursor text,
    counted bigint not null default 0,
    removed bigint not null default 0,
    oldest_at timestamptz,
    newest_at timestamptz,
    hash bytea not null,
    is_done boolean not null default false,
    primary key (run_id, phase, rule)
  )`,
  `create table retention_plan_items (
    run_id uuid not null references retention_runs (id),
    rule text not null,
    key text collate "C" not null,
    primary key (run_id, rule, key)
  )`,
];

/** Of an order that is over long enough only the books' part stays. */
const ordersWithoutContact = [`alter table orders alter column contact drop not null`];

/** One for each question of a rule that no index answers yet. */
const indexes = [
  `create index turns_age on turns (shop_id, claimed_at)`,
  `create index objects_age on objects (shop_id, created_at) where kind = 'chat_image'`,
  `create index dead_letters_age on dead_letters (shop_id, received_at)`,
  `create index intake_dead on intake (shop_id, dead_at) where dead_at is not null`,
  `create index carts_age on carts (shop_id, updated_at)`,
  `create index orders_drafts on orders (shop_id, updated_at) where order_state = 'draft'`,
  `create index orders_ended on orders (shop_id, (coalesce(delivered_at, cancelled_at, completed_at)))
    where contact is not null and order_state in ('completed', 'cancelled')`,
  `create index payment_evidence_loose on payment_evidence (shop_id, (coalesce(decided_at, received_at)))
    where order_id is null and state in ('refused', 'returned')`,
  `create index payment_entries_age on payment_entries (shop_id, recorded_at)`,
  `create index customer_credit_lines_age on customer_credit_lines (shop_id, recorded_at)`,
  `create index customers_age on customers (shop_id, created_at)`,
  `create index intake_whose on intake (shop_id, customer_id)`,
  `create index devices_gone on devices (gone_at) where gone_at is not null`,
  `create index push_parts_device on push_parts (shop_id, device_id)`,
  `create index owner_notices_age on owner_notices (created_at)`,
  `create index page_events_age on page_events (received_at)`,
  `create index mails_settled on mails (created_at) where state in ('sent', 'failed', 'gone')`,
  `create index invitations_over on invitations (expires_at)`,
  `create index account_appeals_decided on account_appeals (decided_at) where decided_at is not null`,
  `create index account_events_age on account_events (at)`,
  `create index referral_signals_devices on referral_signals (seen_at) where kind = 'device'`,
  `create index api_keys_over on api_keys ((least(revoked_at, expires_at)))`,
  `create index sessions_over on sessions ((least(ended_at, expires_at)))`,
  `create index account_tokens_over on account_tokens ((least(used_at, expires_at)))`,
  `create index sign_in_steps_over on sign_in_steps (expires_at)`,
  `create index accounts_unproven on accounts (created_at) where verified_at is null`,
  `create index receipts_age on receipts (received_at)`,
  `create index gateway_events_age on gateway_events (received_at)`,
];

/** The retention works across shops, under the system's login; it reads nothing that is sealed. */
const rights = [
  ...["retention_runs", "retention_results", "retention_plan_items"].map(
    (table) => `grant select, insert, update, delete on ${table} to app_system`,
  ),
  ...[
    "messages", "outbox", "turns", "objects", "dead_letters", "carts", "orders", "order_lines", "order_events",
    "payment_evidence", "payment_entries", "customer_credits", "customer_credit_lines", "gateway_payments",
    "gateway_refunds", "gateway_events", "conversations", "customers", "audit_events", "devices", "push_parts",
    "owner_notices", "page_events", "api_keys", "receipts",
  ].map((table) => `grant delete on ${table} to app_system`), // prettier-ignore
  `grant select (shop_id, id, customer_id, turn_id, occurred_at) on messages to app_system`,
  `grant select (shop_id, id, subject_id, purpose, kind, message_id, created_at) on objects to app_system`,
  `grant select, insert on loose_objects to app_system`,
  `grant select (shop_id, id, customer_id, received_at) on dead_letters to app_system`,
  `grant select (shop_id, customer_id, draft_order_id, updated_at), update (draft_order_id) on carts to app_system`,
  `grant update (contact, tracking) on orders to app_system`,
  `grant select (shop_id, order_id) on order_lines to app_system`,
  `grant select (shop_id, order_id, note), update (note) on order_events to app_system`,
  `grant select on payment_entries, customer_credits, customer_credit_lines, gateway_events to app_system`,
  `grant update (psid, psid_index) on customers to app_system`,
  `grant update (state, lock_mark) on subjects to app_system`,
  `grant select (purpose) on subject_keys to app_system`,
  `grant select (shop_id, id, at), insert on audit_events to app_system`,
  `grant select (shop_id, id, gone_at) on devices to app_system`,
  `grant select (shop_id, id, created_at) on owner_notices to app_system`,
  `grant select (shop_id, id, received_at) on page_events to app_system`,
  `grant select (id, decided_at), delete on account_appeals to app_system`,
  `grant select (id, at) on account_events to app_system`,
  `grant select (account_id, kind, index, seen_at), delete on referral_signals to app_system`,
  `grant select (account_id, kind, business_key, language) on mails to app_system`,
];

export const retention: readonly string[] = [...runs, ...ordersWithoutContact, ...indexes, ...rights];
