import { all, grantsOn } from "./0006-access.ts";

/** The second factor of accounts, the codes that stand in for it, and what a session remembers of its beginning. */
export const secondFactor: readonly string[] = [
  `create table second_factors (
    account_id uuid primary key references accounts (id),
    secret bytea not null,
    created_at timestamptz not null,
    confirmed_at timestamptz,
    last_counter bigint
  )`,
  `create table recovery_codes (
    account_id uuid not null references accounts (id),
    code_hash bytea not null,
    created_at timestamptz not null,
    used_at timestamptz,
    primary key (account_id, code_hash)
  )`,
  // Between the right password and the code.
  `create table sign_in_steps (
    token_hash bytea primary key,
    account_id uuid not null references accounts (id),
    language text not null,
    tries integer not null default 0,
    created_at timestamptz not null,
    expires_at timestamptz not null
  )`,
  `create index sign_in_steps_account on sign_in_steps (account_id)`,
  `create table known_devices (
    account_id uuid not null references accounts (id),
    device_index bytea not null,
    created_at timestamptz not null,
    primary key (account_id, device_index)
  )`,
  // Ids and codes only; nobody changes or removes one.
  `create table account_events (
    id uuid primary key,
    account_id uuid not null references accounts (id),
    kind text not null,
    business_key text,
    data jsonb not null default '{}',
    at timestamptz not null,
    unique (account_id, kind, business_key)
  )`,
  `create index account_events_account on account_events (account_id, id)`,
  `alter table sessions
    add column origin bytea,
    add column has_factor boolean not null default false,
    add column stepped_up_at timestamptz`,
  ...grantsOn("second_factors", { api: all, system: "select (account_id, confirmed_at)" }),
  ...grantsOn("recovery_codes", { api: all }),
  ...grantsOn("sign_in_steps", { api: all }),
  ...grantsOn("known_devices", { api: "select, insert" }),
  ...grantsOn("account_events", { api: "select, insert" }),
];
