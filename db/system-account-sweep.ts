import { sql } from "kysely";

import { platformShopId } from "./accounts.ts";
import { asSystemAlone } from "./system-database.ts";
import type { SystemDatabase } from "./system-database.ts";

/** How long accounts' rows are kept once they are of no more use to anybody. */
export type AccountRowsKept = {
  /** Sessions and links that are over: their owner still asks what happened yesterday. */
  endedDays: number;
  /** Accounts whose address nobody proved, with all that is theirs. */
  unprovenDays: number;
  /** Devices on which nobody signed in. */
  unseenDays: number;
  /** Mails that are settled, and invitations that are over. */
  settledDays: number;
};

type Sweep = { now: Date; kept: AccountRowsKept; limit: number };

const dayMs = 24 * 60 * 60_000;

/** Removes up to `limit` rows of each kind; how many it were. Safe to run twice, and beside others. */
export async function sweepAccountRows(system: SystemDatabase, { now, kept, limit }: Sweep): Promise<number> {
  const before = (days: number) => new Date(now.getTime() - days * dayMs);
  const ended = before(kept.endedDays);
  const settled = before(kept.settledDays);
  const statements = [
    sql`delete from sessions where id in (select id from sessions
        where ended_at < ${ended} or expires_at < ${ended} limit ${limit}) returning 1`,
    sql`delete from account_tokens where token_hash in (select token_hash from account_tokens
        where used_at < ${ended} or expires_at < ${ended} limit ${limit}) returning 1`,
    sql`delete from sign_in_steps where token_hash in (select token_hash from sign_in_steps
        where expires_at < ${now} limit ${limit}) returning 1`,
    sql`delete from mails where id in (select id from mails
        where state in ('sent', 'failed', 'gone') and created_at < ${settled} limit ${limit}) returning 1`,
    sql`delete from invitations where (shop_id, id) in (select shop_id, id from invitations
        where expires_at < ${settled} limit ${limit}) returning 1`,
    sql`delete from known_devices where (account_id, device_index) in (
        select account_id, device_index from known_devices
        where last_seen_at < ${before(kept.unseenDays)} limit ${limit}) returning 1`,
    unprovenAccounts(before(kept.unprovenDays), limit),
  ];
  let removed = 0;
  for (const statement of statements) {
    const { rows } = await asSystemAlone(system, (db) => statement.execute(db));
    removed += rows.length;
  }
  return removed;
}

/**
 * One statement: whoever proves the address at the same moment is waited for, and keeps everything. The rows that refer
 * to the account are checked when all of it is done.
 */
function unprovenAccounts(before: Date, limit: number) {
  return sql`with gone as (
      delete from accounts where verified_at is null and suspended_at is null and id in (
        select a.id from accounts a
        where a.verified_at is null and a.created_at < ${before}
          and not exists (select from account_tokens t where t.account_id = a.id and t.created_at > ${before})
          and not exists (select from memberships m where m.account_id = a.id)
          and not exists (select from platform_roles p where p.account_id = a.id)
          and not exists (select from second_factors f where f.account_id = a.id)
          and not exists (select from account_appeals l where l.account_id = a.id)
        limit ${limit})
      returning id
    ),
    keys as (delete from subject_keys k using gone where k.shop_id = ${platformShopId} and k.subject_id = gone.id),
    subject as (delete from subjects s using gone where s.shop_id = ${platformShopId} and s.id = gone.id),
    mail as (delete from mails m using gone where m.account_id = gone.id),
    token as (delete from account_tokens t using gone where t.account_id = gone.id),
    acceptance as (delete from policy_acceptances p using gone where p.account_id = gone.id),
    device as (delete from known_devices d using gone where d.account_id = gone.id),
    step as (delete from sign_in_steps s using gone where s.account_id = gone.id),
    event as (delete from account_events e using gone where e.account_id = gone.id),
    session as (delete from sessions s using gone where s.account_id = gone.id)
    select id from gone`;
}
