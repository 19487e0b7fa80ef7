/** What the process of a payout remembers of its waits, its attempts, and whom its participant has yet to hear of. */
const columns = [
  // No release has made a payout so far.
  `alter table payouts
    add column timings jsonb not null,
    add column waiting_since timestamptz not null,
    add column gated_at timestamptz,
    add column reminded_at timestamptz,
    add column escalated_at timestamptz,
    add column attempt integer not null default 0,
    add column account_kind text check (account_kind in ('kbzpay', 'wavepay', 'bank')),
    add column account_details bytea,
    add column upload_id uuid,
    add column notice_due text check (notice_due in ('payout_paid', 'payout_failed')),
    add check ((account_kind is null) = (account_details is null)),
    add check (state <> 'paid' or attempt > 0)`,
  `drop index payouts_open`,
  `create index payouts_to_serve on payouts (id)
    where state not in ('paid', 'cancelled') or notice_due is not null`,
  `create index payouts_queue on payouts (state, id)`,
];

/** The id is that of the bytes in the object store as well. */
const uploads = [
  `create table payout_uploads (
    id uuid primary key,
    payout_id uuid not null references payouts (id),
    sealed_key bytea,
    size integer,
    created_by uuid references accounts (id) on delete set null,
    created_at timestamptz not null,
    received_at timestamptz
  )`,
  `create index payout_uploads_payout on payout_uploads (payout_id)`,
  `create index payout_uploads_created_by on payout_uploads (created_by)`,
  `alter table payouts add foreign key (upload_id) references payout_uploads (id)`,
  `create index payouts_upload on payouts (upload_id)`,
];

/** Who said what: lines are added, never changed. */
const decisions = [
  `create table payout_events (
    payout_id uuid not null references payouts (id),
    version integer not null,
    state text not null,
    attempt integer not null,
    code text,
    by_account uuid references accounts (id) on delete set null,
    at timestamptz not null,
    primary key (payout_id, version)
  )`,
  `create index payout_events_by_account on payout_events (by_account)`,
  `create table fraud_decisions (
    id uuid primary key,
    flag_id uuid not null references fraud_flags (id),
    decision text not null check (decision in ('upheld', 'dismissed')),
    reason text not null,
    answers_appeal boolean not null,
    by_account uuid references accounts (id) on delete set null,
    at timestamptz not null
  )`,
  `create index fraud_decisions_flag on fraud_decisions (flag_id, id)`,
  `create index fraud_decisions_by_account on fraud_decisions (by_account)`,
];

/** An admin brings the evidence and looks at it; what it is worth is the worker's to write. */
const rights = [
  `grant select on payout_uploads to app_admin, app_worker`,
  `grant insert, update (sealed_key, size, received_at) on payout_uploads to app_admin`,
  `grant select, insert on payout_events to app_worker`,
  `grant select on payout_events to app_admin`,
  `grant select, insert on fraud_decisions to app_admin`,
  // How many wait for a person, and since when.
  `grant select (state, raised_at, appealed_at, appeal_decided_at) on fraud_flags to app_system`,
];

export const payouts: readonly string[] = [...columns, ...uploads, ...decisions, ...rights];
