import { sql } from "kysely";

import type { SuspensionReason } from "../domain/account/suspension.ts";
import type { AccountId, AppealId } from "../domain/id.ts";
import type { PlatformRole } from "../domain/platform-role.ts";
import type { AppealRow } from "./account-appeals.ts";
import { accountSubject } from "./accounts.ts";
import { asAdmin } from "./admin-database.ts";
import type { AdminDatabase } from "./admin-database.ts";
import type { Look } from "./admin-upgrades.ts";
import type { ShopTransaction } from "./connection.ts";
import type { TimePlace } from "./conversation-queries.ts";
import { writePlatformLog } from "./platform-log.ts";

export type AccountRow = {
  id: AccountId;
  created_at: Date;
  suspended_at: Date | null;
  suspended_for: SuspensionReason | null;
  suspended_by: AccountId | null;
  /** Appeals that wait for an answer. */
  openAppeals: number;
};

/** Accounts that are suspended, the newest suspension first; those alone whose owner waits for an answer, if so wished. */
export function listSuspendedAccounts(
  admin: AdminDatabase,
  { isAppealed, before, limit }: { isAppealed: boolean; before?: TimePlace; limit: number },
): Promise<AccountRow[]> {
  return asAdmin(admin, (trx) => {
    let query = selectAccounts(trx)
      .where("suspended_at", "is not", null)
      .orderBy("suspended_at", "desc")
      .orderBy("id", "desc")
      .limit(limit);
    if (isAppealed) query = query.where(sql<boolean>`${openAppeals} > 0`);
    if (before !== undefined) {
      query = query.where(sql<boolean>`(suspended_at, id) < (${before.at}, ${before.id}::uuid)`);
    }
    return query.execute();
  });
}

/** What the system has counted of an account: refused guesses, and flags of its referral. */
export type AbuseSignal = { kind: string; count: number; lastAt: Date };

export type AccountCase = {
  account: AccountRow;
  roles: PlatformRole[];
  signals: AbuseSignal[];
  appeals: AppealRow[];
};

/** Nobody made more of them since. */
const shownAppeals = 50;

/** An account, what speaks against it, and what its owner wrote; undefined when there is none. */
export function viewAccountCase(
  admin: AdminDatabase,
  accountId: AccountId,
  look: Look,
): Promise<AccountCase | undefined> {
  return asAdmin(admin, async (trx) => {
    const account = await findRow(trx, accountId);
    if (account === undefined) return undefined;
    const roles = await trx
      .selectFrom("platform_roles")
      .select("role")
      .where("account_id", "=", accountId)
      .orderBy("role")
      .execute();
    const appeals = await trx
      .selectFrom("account_appeals")
      .select(["id", "account_id", "body", "state", "created_at", "decided_at", "decided_by"])
      .where("account_id", "=", accountId)
      .orderBy("created_at", "desc")
      .limit(shownAppeals)
      .execute();
    await writeLook(trx, accountId, look);
    const signals = await listSignals(trx, accountId);
    return { account, roles: roles.map(({ role }) => role), signals, appeals };
  });
}

/** Who was asked for by the address, written down: it says that there is such an account. */
export function noteAccountLookUp(admin: AdminDatabase, accountId: AccountId, look: Look): Promise<void> {
  return asAdmin(admin, (trx) => writeLook(trx, accountId, look));
}

export function findAccountOfAny(
  admin: AdminDatabase,
  accountId: AccountId,
): Promise<AccountRow | undefined> {
  return asAdmin(admin, (trx) => findRow(trx, accountId));
}

export type AnsweredAppeal = Pick<AppealRow, "account_id" | "state" | "decided_by">;

export function findAppealOfAny(
  admin: AdminDatabase,
  appealId: AppealId,
): Promise<AnsweredAppeal | undefined> {
  return asAdmin(admin, (trx) =>
    trx
      .selectFrom("account_appeals")
      .select(["account_id", "state", "decided_by"])
      .where("id", "=", appealId)
      .executeTakeFirst(),
  );
}

const openAppeals = sql<number>`(select count(*)::int from account_appeals a
  where a.account_id = accounts.id and a.state = 'open')`;

function selectAccounts(trx: ShopTransaction) {
  return trx
    .selectFrom("accounts")
    .select(["id", "created_at", "suspended_at", "suspended_for", "suspended_by"])
    .select(openAppeals.as("openAppeals"));
}

function findRow(trx: ShopTransaction, accountId: AccountId): Promise<AccountRow | undefined> {
  return selectAccounts(trx).where("id", "=", accountId).executeTakeFirst();
}

/** Refusals are noted once an hour; a flag counts as long as it is not dismissed. */
async function listSignals(trx: ShopTransaction, accountId: AccountId): Promise<AbuseSignal[]> {
  const { rows } = await sql<AbuseSignal>`
    select kind, count(*)::int as count, max(at) as "lastAt" from account_events
      where account_id = ${accountId} and kind in ('passwords.often_refused', 'codes.often_refused')
      group by kind
    union all
    select 'fraud_flag.' || f.state, count(*)::int, max(f.raised_at) from fraud_flags f
      join referral_participants p on p.id = f.participant_id
      where p.account_id = ${accountId} and f.state <> 'dismissed' group by f.state
    order by "lastAt" desc`.execute(trx);
  return rows;
}

function writeLook(trx: ShopTransaction, accountId: AccountId, look: Look): Promise<void> {
  return writePlatformLog(trx, { subjectId: accountSubject(accountId), resourceId: accountId }, look);
}
