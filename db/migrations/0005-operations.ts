/** What owners are told, what was done by whom, and what must not be done twice. */
export const operations: readonly string[] = [
  `create table devices (
    shop_id uuid not null references shops (id),
    id uuid not null,
    account_id uuid not null references accounts (id),
    token_index bytea not null,
    token bytea not null,
    created_at timestamptz not null,
    gone_at timestamptz,
    primary key (shop_id, id),
    unique (shop_id, token_index)
  )`,
  `create table owner_notices (
    shop_id uuid not null references shops (id),
    id uuid not null,
    kind text not null,
    business_key text not null,
    order_id uuid,
    customer_id uuid,
    data jsonb not null default '{}',
    created_at timestamptz not null,
    read_at timestamptz,
    primary key (shop_id, id),
    unique (shop_id, business_key)
  )`,
  `create index owner_notices_listing on owner_notices (shop_id, created_at desc, id desc)`,
  // One row per notice and device: exactly one push each.
  `create table push_parts (
    shop_id uuid not null,
    notice_id uuid not null,
    device_id uuid not null,
    state text not null check (state in ('queued', 'sending', 'sent', 'failed', 'gone')),
    attempts integer not null default 0,
    next_attempt_at timestamptz not null,
    sent_at timestamptz,
    error_code text,
    primary key (shop_id, notice_id, device_id),
    foreign key (shop_id, notice_id) references owner_notices (shop_id, id),
    foreign key (shop_id, device_id) references devices (shop_id, id)
  )`,
  `create index push_parts_open on push_parts (next_attempt_at) where state in ('queued', 'sending')`,

  // The hash chain is computed a few seconds behind; until then its columns are empty.
  `create table audit_events (
    shop_id uuid not null,
    id uuid not null,
    at timestamptz not null,
    actor_kind text not null check (actor_kind in ('customer', 'owner', 'system')),
    actor_id uuid,
    action text not null,
    subject_id uuid,
    resource_id uuid,
    data jsonb not null default '{}',
    previous_hash bytea,
    hash bytea,
    primary key (shop_id, id)
  )`,
  `create index audit_events_at on audit_events (shop_id, at)`,
  `create table idempotency_keys (
    shop_id uuid not null references shops (id),
    actor_id uuid not null,
    key text not null,
    fingerprint bytea not null,
    lease_until timestamptz,
    status integer,
    response bytea,
    created_at timestamptz not null,
    primary key (shop_id, actor_id, key)
  )`,
  `create index idempotency_keys_age on idempotency_keys (created_at)`,
];
