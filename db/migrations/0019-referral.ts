import { grantsOn } from "./0006-access.ts";

/** A participant is a subject of its own: what it is paid to is sealed under a purpose that serves nothing else. */
const participantSubjects = [
  `alter table subjects drop constraint subjects_kind_check`,
  `alter table subjects add constraint subjects_kind_check
    check (kind in ('customer', 'account', 'shop', 'upgrade', 'participant'))`,
  `alter table subject_keys drop constraint subject_keys_purpose_check`,
  `alter table subject_keys add constraint subject_keys_purpose_check
    check (purpose in ('chat', 'order', 'finance', 'account', 'secret', 'referral'))`,
];

/** These tables stand between shops and carry none: who earns and who pays are of different ones. */
const tables = [
  `create table referral_policies (
    version integer primary key,
    policy jsonb not null,
    valid_from timestamptz not null
  )`,

  // A place in the tree. It is there from the first attribution or payment on, and has a code when its owner joins.
  `create table referral_participants (
    id uuid primary key,
    account_id uuid unique references accounts (id) on delete set null,
    state text not null default 'active' check (state in ('active', 'suspended', 'closed')),
    code text unique check (code ~ '^[2-9A-HJKMNP-Z]{8}$'),
    terms_version integer,
    joined_at timestamptz,
    referrer_id uuid references referral_participants (id),
    source text check (source in ('sign_up', 'first_upgrade', 'admin')),
    attributed_at timestamptz,
    first_paid_at timestamptz,
    created_at timestamptz not null,
    check (referrer_id <> id),
    check ((referrer_id is null) = (attributed_at is null) and (referrer_id is null) = (source is null)),
    check ((joined_at is null) = (code is null) and (joined_at is null) = (terms_version is null))
  )`,
  `create index referral_participants_network on referral_participants (referrer_id, attributed_at)`,
  `create function keep_referrer() returns trigger language plpgsql as $$
  begin
    raise exception 'a referrer is for life' using errcode = 'check_violation';
  end $$`,
  `create trigger keep_referrer before update of referrer_id on referral_participants for each row
    when (old.referrer_id is not null and new.referrer_id is distinct from old.referrer_id)
    execute function keep_referrer()`,

  // Blind indexes of what two accounts of one person would share.
  `create table referral_signals (
    account_id uuid not null references accounts (id) on delete cascade,
    kind text not null check (kind in ('device', 'email', 'phone')),
    index bytea not null,
    seen_at timestamptz not null,
    primary key (account_id, kind, index)
  )`,
  `create index referral_signals_shared on referral_signals (kind, index)`,

  `create table payout_accounts (
    participant_id uuid primary key references referral_participants (id),
    kind text not null check (kind in ('kbzpay', 'wavepay', 'bank')),
    currency text not null,
    details bytea not null,
    account_index bytea not null,
    changed_at timestamptz not null,
    usable_from timestamptz not null,
    version integer not null default 1
  )`,
  `create index payout_accounts_shared on payout_accounts (account_index)`,

  // Whatever two participants may share, by which the rules against fraud compare them.
  `create view referral_traits with (security_invoker = true) as
    select p.id as participant_id, s.kind, s.index from referral_signals s
      join referral_participants p on p.account_id = s.account_id
    union all select participant_id, 'payout_account', account_index from payout_accounts`,

  `create table fraud_flags (
    id uuid primary key,
    participant_id uuid not null references referral_participants (id),
    rule text not null,
    evidence_key text not null,
    severity text not null check (severity in ('low', 'medium', 'high')),
    state text not null default 'open' check (state in ('open', 'upheld', 'dismissed')),
    evidence jsonb not null default '{}',
    raised_at timestamptz not null,
    decided_at timestamptz,
    decided_by uuid references accounts (id) on delete set null,
    appeal bytea,
    appealed_at timestamptz,
    appeal_decided_at timestamptz,
    unique (participant_id, rule, evidence_key),
    check ((state = 'open') = (decided_at is null)),
    check ((appeal is null) = (appealed_at is null))
  )`,
  `create index fraud_flags_decided_by on fraud_flags (decided_by)`,
  `create index fraud_flags_queue on fraud_flags (id)
    where state = 'open' or (appealed_at is not null and appeal_decided_at is null)`,

  // A ledger: amounts are never changed, and what a payment owes a beneficiary is the sum of its lines.
  `create table commissions (
    id uuid primary key,
    payment_id uuid not null,
    payer_shop_id uuid not null,
    payer_id uuid not null references referral_participants (id),
    beneficiary_id uuid not null references referral_participants (id),
    level integer not null check (level > 0),
    kind text not null check (kind in ('earning', 'reversal', 'restoration')),
    refund_id uuid,
    flag_id uuid references fraud_flags (id),
    base_minor bigint not null check (base_minor >= 0),
    rate_bps integer not null check (rate_bps between 1 and 10000),
    amount_minor bigint not null,
    currency text not null,
    state text not null check (state in ('pending', 'held', 'payable', 'in_payout', 'paid')),
    held_reason text check (held_reason in ('holding_period', 'fraud')),
    paid_at timestamptz not null,
    matures_at timestamptz not null,
    created_at timestamptz not null,
    unique nulls not distinct (payment_id, beneficiary_id, level, kind, refund_id, flag_id),
    check (payer_id <> beneficiary_id),
    check ((state = 'held') = (held_reason is not null)),
    check (case kind
      when 'earning' then refund_id is null and flag_id is null and amount_minor > 0
      when 'reversal' then (refund_id is null) <> (flag_id is null) and amount_minor <= 0
      else refund_id is null and flag_id is not null and amount_minor >= 0 end)
  )`,
  `create index commissions_payer on commissions (payer_id)`,
  `create index commissions_flag on commissions (flag_id) where flag_id is not null`,
  `create index commissions_statement on commissions (beneficiary_id, id desc)`,
  `create index commissions_pending on commissions (id) where state = 'pending'`,
  `create index commissions_held on commissions (matures_at) where state = 'held' and kind = 'earning'`,
];

/** What a participant is paid for one period: one row, whatever dies and however often it is tried. */
const payouts = [
  `create table payouts (
    id uuid primary key,
    participant_id uuid not null references referral_participants (id),
    period text not null check (period ~ '^[0-9]{4}-[0-9]{2}$'),
    amount_minor bigint not null check (amount_minor > 0),
    currency text not null,
    state text not null check (state in
      ('tallied', 'held', 'proposed', 'approved', 'executing', 'paid', 'failed', 'cancelled')),
    obstacle text,
    account_version integer,
    proposed_by uuid references accounts (id) on delete set null,
    proposed_at timestamptz,
    approved_by uuid references accounts (id) on delete set null,
    approved_at timestamptz,
    executing_since timestamptz,
    ended_at timestamptz,
    failure_code text,
    version integer not null default 1,
    created_at timestamptz not null,
    unique (participant_id, period),
    check ((state = 'held') = (obstacle is not null)),
    check (approved_by <> proposed_by)
  )`,
  `create index payouts_proposed_by on payouts (proposed_by)`,
  `create index payouts_approved_by on payouts (approved_by)`,
  `create index payouts_open on payouts (id) where state not in ('paid', 'cancelled')`,
  `alter table commissions add column payout_id uuid references payouts (id)`,
  `create index commissions_payout on commissions (payout_id) where payout_id is not null`,
  `create index commissions_payable on commissions (beneficiary_id, currency) where state = 'payable'`,
];

/** Nobody changes an amount, and only workers write what is earned. No admin reads where money goes. */
const rights = [
  ...grantsOn("referral_policies", { api: "select", worker: "select", system: "select" }),
  ...grantsOn("referral_participants", {
    api: "select, insert, update (code, terms_version, joined_at, referrer_id, source, attributed_at)",
    worker: "select, insert, update (first_paid_at, state)",
    system: "select",
  }),
  ...grantsOn("referral_signals", { api: "select, insert, update (seen_at)", worker: "select" }),
  ...grantsOn("payout_accounts", { api: "select, insert, update", worker: "select" }),
  ...grantsOn("referral_traits", { worker: "select" }),
  ...grantsOn("fraud_flags", { api: "select, update (appeal, appealed_at)", worker: "select, insert" }),
  ...grantsOn("commissions", {
    api: "select",
    worker: "select, insert, update (state, held_reason, payout_id)",
  }),
  ...grantsOn("payouts", { api: "select", worker: "select, insert, update", system: "select" }),
  `grant select on payouts to app_admin`,
  `grant select (participant_id, currency, version, usable_from) on payout_accounts to app_admin`,
  `grant select, insert on referral_policies to app_admin`,
  `grant select, update (state) on referral_participants to app_admin`,
  `grant select, update (state, decided_at, decided_by, appeal_decided_at) on fraud_flags to app_admin`,
  `grant select, insert, update (state, held_reason) on commissions to app_admin`,
];

export const referral: readonly string[] = [...participantSubjects, ...tables, ...payouts, ...rights];
