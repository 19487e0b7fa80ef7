import { grantsOn } from "./0006-access.ts";

/** What each account chose to be told, by which channel; and notices that are for one account of a shop alone. */
export const noticePreferences: readonly string[] = [
  `create table notice_preferences (
    account_id uuid not null references accounts (id) on delete cascade,
    topic text not null,
    channel text not null check (channel in ('push', 'email')),
    is_on boolean not null,
    changed_at timestamptz not null,
    primary key (account_id, topic, channel)
  )`,
  ...grantsOn("notice_preferences", { api: "select, insert, update", worker: "select" }),

  `alter table owner_notices add column account_id uuid references accounts (id)`,
  `create index owner_notices_account on owner_notices (account_id) where account_id is not null`,
];
