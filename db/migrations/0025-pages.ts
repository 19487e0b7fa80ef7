import { grantsOn, rowSecurityOf } from "./0006-access.ts";

/** Pages are connected by Meta's login; what their webhooks did not bring is read back. */
export const pages: readonly string[] = [
  `create table page_connections (
    shop_id uuid not null references shops (id),
    id uuid not null,
    session_id uuid not null,
    state_hash bytea not null unique,
    state_ends_at timestamptz not null,
    taken_at timestamptz,
    problem text,
    person_index bytea,
    found bytea,
    created_at timestamptz not null,
    ends_at timestamptz not null,
    primary key (shop_id, id)
  )`,
  `create index page_connections_ends on page_connections (ends_at)`,
  ...rowSecurityOf("page_connections", "shop_id"),
  ...grantsOn("page_connections", { api: "select, insert, update", system: "select, delete" }),

  // Whose login the token came from, as Meta's app-scoped id by blind index: when that person removes the app, it is dead.
  `alter table pages add column person_index bytea,
    add column routing text not null default 'unknown' check (routing in ('ours', 'theirs', 'unknown')),
    add column gap jsonb`,
  `create index pages_person on pages (person_index) where person_index is not null`,

  // Who reads a gap back lets customers in by the same door as the webhook: with the same rights, and no more.
  ...["subjects", "customers", "conversations", "subject_keys"].map(
    (table) => `grant insert on ${table} to app_worker`,
  ),
  `grant update (lock_mark) on key_epochs to app_worker`,
  `grant select, delete on dead_letters to app_worker`,

  // The owner is told when a person removed the app at Facebook.
  `grant insert on owner_notices, push_parts to app_api`,
];
