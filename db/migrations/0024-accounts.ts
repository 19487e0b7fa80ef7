import { grantsOn, rowSecurityOf } from "./0006-access.ts";

/**
 * Owners sign up by themselves: what they accepted, their links, appeals and mails. An account that the previous
 * release makes counts as verified: it was made by a command.
 */
export const accounts: readonly string[] = [
  `alter table accounts
    add column language text not null default 'my' check (language in ('my', 'en')),
    add column verified_at timestamptz default now(),
    add column referral_code_given text,
    add column suspended_at timestamptz,
    add column suspended_for text`,
  `grant update (email_index, email, password_hash, language, referral_code_given, verified_at, suspended_at,
    suspended_for) on accounts to app_api`,
  `grant select (id, email, language, verified_at, suspended_at) on accounts to app_worker`,

  // Links that are mailed: each opens one thing, once. A change of address carries the new one.
  `create table account_tokens (
    token_hash bytea primary key,
    account_id uuid not null references accounts (id),
    kind text not null check (kind in ('verify_email', 'reset_password', 'change_email')),
    email_index bytea,
    email bytea,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
  )`,
  `create index account_tokens_account on account_tokens (account_id)`,
  ...grantsOn("account_tokens", { api: "select, insert, update (used_at)" }),

  `create table policy_acceptances (
    account_id uuid not null references accounts (id),
    policy text not null check (policy in ('terms', 'privacy', 'processing_abroad')),
    version text not null,
    accepted_at timestamptz not null,
    primary key (account_id, policy, version)
  )`,
  ...grantsOn("policy_acceptances", { api: "select, insert" }),

  `create table account_appeals (
    id uuid primary key,
    account_id uuid not null references accounts (id),
    body bytea not null,
    state text not null default 'open' check (state in ('open', 'granted', 'refused')),
    created_at timestamptz not null,
    decided_at timestamptz,
    decided_by uuid references accounts (id)
  )`,
  `create index account_appeals_account on account_appeals (account_id)`,
  `create index account_appeals_decider on account_appeals (decided_by) where decided_by is not null`,
  `create index account_appeals_open on account_appeals (created_at) where state = 'open'`,
  ...grantsOn("account_appeals", { api: "select, insert, update (state, decided_at, decided_by)" }),

  // One row a mail. Its id is the Message-ID, so that a mail that was sent twice is known as one.
  `create table mails (
    id uuid primary key,
    account_id uuid not null references accounts (id),
    kind text not null,
    business_key text not null unique,
    language text not null,
    data jsonb not null default '{}',
    secret bytea,
    state text not null check (state in ('queued', 'sending', 'sent', 'failed', 'gone')),
    attempts integer not null default 0,
    next_attempt_at timestamptz not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    sent_at timestamptz,
    error_code text
  )`,
  `create index mails_account on mails (account_id, created_at)`,
  `create index mails_open on mails (next_attempt_at) where state in ('queued', 'sending')`,
  ...grantsOn("mails", { api: "select, insert", worker: "select, insert, update" }),

  `create table shop_attestations (
    shop_id uuid not null references shops (id),
    id uuid not null,
    account_id uuid not null references accounts (id),
    kind text not null check (kind in ('lawful_basis', 'consumer_law')),
    version text not null,
    attested_at timestamptz not null,
    primary key (shop_id, id)
  )`,
  `create index shop_attestations_account on shop_attestations (account_id)`,
  `create index shop_attestations_newest on shop_attestations (shop_id, attested_at desc)`,
  ...rowSecurityOf("shop_attestations", "shop_id"),
  ...grantsOn("shop_attestations", { api: "select, insert", worker: "select", system: "select" }),
  `grant select on platform_roles to app_worker`,
];
