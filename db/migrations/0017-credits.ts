import { grantsOn, rowSecurityOf } from "./0006-access.ts";

const tables = {
  // Of a grant only what is left of it changes, and that it was taken back.
  credit_grants: {
    api: "select, insert, update (available, reserved, reversed_at)",
    worker: "select, insert, update (available, reserved, reversed_at, told_percent)",
    system: "select",
  },
  // Lines are never changed or removed.
  credit_lines: { api: "select, insert", worker: "select, insert", system: "select" },
  credit_reservations: { api: "select", worker: "select, insert, update", system: "select" },
};

/** What shops may spend on the model's answers, and every credit's way. */
export const credits: readonly string[] = [
  `create table credit_grants (
    shop_id uuid not null references shops (id),
    id uuid not null,
    kind text not null check (kind in ('trial', 'plan', 'top_up', 'adjustment')),
    credits bigint not null check (credits between 1 and 9000000000000),
    priority integer not null,
    effective_at timestamptz not null,
    expires_at timestamptz,
    reversed_at timestamptz,
    effect_key text not null,
    available bigint not null default 0 check (available >= 0),
    reserved bigint not null default 0 check (reserved >= 0),
    told_percent integer,
    created_at timestamptz not null,
    primary key (shop_id, id),
    unique (shop_id, effect_key)
  )`,
  `create index credit_grants_open on credit_grants (shop_id, id) where available > 0 or reserved > 0`,
  `create index credit_grants_expiry on credit_grants (expires_at) where available > 0 and expires_at is not null`,
  `create index credit_grants_reversed on credit_grants (shop_id) where available > 0 and reversed_at is not null`,

  `create table credit_lines (
    shop_id uuid not null,
    transaction_id uuid not null,
    grant_id uuid not null,
    account text not null check (account in
      ('issued', 'available', 'reserved', 'used', 'expired', 'reversed')),
    kind text not null check (kind in ('grant', 'reserve', 'settle', 'release', 'lapse')),
    credits bigint not null check (credits <> 0),
    at timestamptz not null,
    primary key (shop_id, transaction_id, grant_id, account),
    foreign key (shop_id, grant_id) references credit_grants (shop_id, id)
  )`,
  `create index credit_lines_grant on credit_lines (shop_id, grant_id)`,
  // What a person reads: every credit that was granted, used, or is gone, newest first.
  `create index credit_lines_statement on credit_lines (shop_id, transaction_id)
    where account in ('issued', 'used', 'expired', 'reversed')`,

  // The ledger outlives the turns, so that a reservation names its turn without holding it.
  `create table credit_reservations (
    shop_id uuid not null references shops (id),
    turn_id uuid not null,
    state text not null check (state in ('reserved', 'settled', 'released')),
    upper_bound bigint not null check (upper_bound > 0),
    reserve_transaction uuid not null,
    settle_transaction uuid,
    charged bigint not null default 0 check (charged >= 0),
    cost_micro_usd bigint not null default 0 check (cost_micro_usd >= 0),
    rate_version integer,
    reserved_at timestamptz not null,
    ended_at timestamptz,
    primary key (shop_id, turn_id)
  )`,
  `create index credit_reservations_open on credit_reservations (reserved_at) where state = 'reserved'`,
  `create unique index credit_reservations_settled on credit_reservations (shop_id, settle_transaction)
    where settle_transaction is not null`,

  // Before the commit, once for each line: a transaction has a handful.
  `create function check_credit_transaction() returns trigger language plpgsql as $$
  begin
    if (select sum(credits) from credit_lines where shop_id = new.shop_id
        and transaction_id = new.transaction_id and grant_id = new.grant_id) <> 0 then
      raise exception 'credit transaction % does not sum to zero', new.transaction_id
        using errcode = 'check_violation';
    end if;
    return null;
  end $$`,
  `create constraint trigger sums_to_zero after insert or update on credit_lines
    deferrable initially deferred for each row execute function check_credit_transaction()`,

  // A customer was told that a person will answer, because the shop had no credits; until it has some again.
  `alter table conversations add column credits_short_at timestamptz`,
  `create index conversations_credits_short on conversations (shop_id) where credits_short_at is not null`,
  // Under which name the agent spoke.
  `alter table turns add column agent_name text`,

  ...Object.entries(tables).flatMap(([table, access]) => [
    ...rowSecurityOf(table, "shop_id"),
    ...grantsOn(table, access),
  ]),
];
