/** Shops, the people they concern, their keys, and who may sign in. */
export const tenancy: readonly string[] = [
  `create table shops (
    id uuid primary key,
    name text not null,
    country text not null,
    currency text not null,
    time_zone text not null,
    languages text[] not null,
    agent_name text not null,
    is_agent_enabled boolean not null default true,
    policies jsonb not null,
    order_timings jsonb not null,
    conversation_timings jsonb not null,
    next_order_number integer not null default 1001,
    version integer not null default 1,
    created_at timestamptz not null
  )`,

  `create table key_epochs (
    id integer primary key,
    state text not null check (state in ('open', 'closing', 'closed', 'destroyed')),
    opened_at timestamptz not null,
    closed_at timestamptz,
    lock_mark integer not null default 0
  )`,
  `create unique index key_epochs_one_open on key_epochs (state) where state = 'open'`,
  `insert into key_epochs (id, state, opened_at) values (1, 'open', now())`,

  // A subject's id is the id of what it is about: a customer, an account, a shop.
  `create table subjects (
    shop_id uuid not null,
    id uuid not null,
    kind text not null check (kind in ('customer', 'account', 'shop')),
    state text not null default 'active' check (state in ('active', 'frozen', 'erasing', 'erased')),
    created_at timestamptz not null,
    primary key (shop_id, id)
  )`,
  `create table subject_keys (
    shop_id uuid not null,
    id uuid not null,
    subject_id uuid not null,
    purpose text not null check (purpose in ('chat', 'order', 'finance', 'account', 'secret')),
    epoch integer not null references key_epochs (id),
    wrapped bytea not null,
    created_at timestamptz not null default now(),
    primary key (shop_id, id),
    unique (shop_id, subject_id, purpose),
    foreign key (shop_id, subject_id) references subjects (shop_id, id)
  )`,
  `create index subject_keys_epoch on subject_keys (epoch)`,

  `create table pages (
    shop_id uuid not null references shops (id),
    id uuid not null,
    meta_page_id text not null,
    name text not null,
    token bytea not null,
    state text not null check (state in ('connected', 'broken', 'disconnected')),
    problem text,
    checked_at timestamptz,
    paused_until timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    primary key (shop_id, id)
  )`,
  // One Page belongs to one shop at a time, and keeps its row when it is connected again.
  `create unique index pages_meta_page on pages (meta_page_id)`,
  `create table page_events (
    shop_id uuid not null,
    id uuid not null,
    page_id uuid not null,
    kind text not null,
    event_key bytea not null,
    detail jsonb not null,
    occurred_at timestamptz not null,
    received_at timestamptz not null,
    primary key (shop_id, id),
    unique (shop_id, event_key),
    foreign key (shop_id, page_id) references pages (shop_id, id)
  )`,

  `create table accounts (
    id uuid primary key,
    email_index bytea not null unique,
    email bytea not null,
    password_hash text not null,
    platform_role text check (platform_role in ('admin', 'compliance')),
    created_at timestamptz not null
  )`,
  `create table memberships (
    shop_id uuid not null references shops (id),
    account_id uuid not null references accounts (id),
    role text not null check (role in ('owner', 'staff')),
    created_at timestamptz not null,
    primary key (shop_id, account_id)
  )`,
  `create index memberships_account on memberships (account_id)`,
  `create table sessions (
    token_hash bytea primary key,
    id uuid not null unique,
    account_id uuid not null references accounts (id),
    language text not null,
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz
  )`,
  `create index sessions_account on sessions (account_id)`,
  `create table api_keys (
    shop_id uuid not null references shops (id),
    id uuid not null,
    token_hash bytea not null unique,
    name text not null,
    created_by uuid references accounts (id),
    created_at timestamptz not null,
    last_used_at timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz,
    primary key (shop_id, id)
  )`,
];
