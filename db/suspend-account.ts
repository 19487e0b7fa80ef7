import type { MailKind } from "../domain/account/mail-texts.ts";
import type { SuspensionReason } from "../domain/account/suspension.ts";
import type { AccountId, AppealId, SubjectId } from "../domain/id.ts";
import { newId } from "../domain/id.ts";
import type { Language } from "../domain/shop/policies.ts";
import { decideAppeal, grantOpenAppeals } from "./account-appeals.ts";
import { setSuspension } from "./account-changes.ts";
import { accountSubject, platformShopId } from "./accounts.ts";
import { asAdmin } from "./admin-database.ts";
import type { AdminDatabase } from "./admin-database.ts";
import { appendAudit } from "./audit-events.ts";
import type { ShopTransaction } from "./connection.ts";
import { queueMail } from "./mails.ts";
import { endSessionsOf } from "./sessions.ts";

type Suspension = {
  accountId: AccountId;
  /** Null reinstates. */
  reason: SuspensionReason | null;
  /** Who decided; null: a command. */
  by: AccountId | null;
  now: Date;
};

/**
 * Suspends an account, with its sessions, or opens it again, which grants the appeals that wait; its owner gets a mail.
 * False: it was so before, or there is no such account.
 */
export function changeSuspension(admin: AdminDatabase, change: Suspension): Promise<boolean> {
  return asAdmin(admin, (trx) => carryOut(trx, change));
}

async function carryOut(trx: ShopTransaction, change: Suspension): Promise<boolean> {
  const { accountId, reason, by, now } = change;
  const language = await setSuspension(trx, change);
  if (language === undefined) return false;
  if (reason === null) await grantOpenAppeals(trx, { accountId, by, now });
  else await endSessionsOf(trx, { accountId, except: null, now });
  const kind = reason === null ? "account_reinstated" : "account_suspended";
  await mail(trx, { accountId, language, kind, data: reason === null ? {} : { reason }, now });
  await writeDown(trx, {
    action: reason === null ? "account.reinstated" : "account.suspended",
    subjectId: accountSubject(accountId),
    resourceId: accountId,
    data: reason === null ? {} : { reason },
    by,
    now,
  });
  return true;
}

export type AppealAnswer = {
  id: AppealId;
  to: "granted" | "refused";
  /** Null: a command. */
  by: AccountId | null;
  now: Date;
};
export type AppealResult = "answered" | "unknown" | "decided_before" | "same_person";

/**
 * Answers an appeal, of which its owner hears either way; a granted one opens the account. Never by who suspended it.
 * Safe to run twice: the account is held, and an appeal is answered once.
 */
export function settleAppeal(admin: AdminDatabase, answer: AppealAnswer): Promise<AppealResult> {
  const { id, to, by, now } = answer;
  return asAdmin(admin, async (trx) => {
    const account = await lockAppellant(trx, id);
    if (account === undefined) return "unknown";
    const { accountId, language, suspendedBy } = account;
    if (by !== null && by === suspendedBy) return "same_person";
    if (!(await decideAppeal(trx, { id, to, decidedBy: by, now }))) return "decided_before";
    await writeDown(trx, {
      action: `appeal.${to}`,
      subjectId: accountSubject(accountId),
      resourceId: id,
      by,
      now,
    });
    if (to === "granted") await carryOut(trx, { accountId, reason: null, by, now });
    else await mail(trx, { accountId, language, kind: "appeal_refused", now });
    return "answered";
  });
}

/** The account that an appeal speaks for, held until commit, so that it is suspended by the same one until then. */
function lockAppellant(trx: ShopTransaction, id: AppealId) {
  return trx
    .selectFrom("accounts")
    .where("id", "=", (eb) => eb.selectFrom("account_appeals").select("account_id").where("id", "=", id))
    .select(["id as accountId", "language", "suspended_by as suspendedBy"])
    .forUpdate()
    .executeTakeFirst();
}

type Mail = {
  accountId: AccountId;
  language: Language;
  kind: MailKind;
  data?: { reason?: SuspensionReason };
  now: Date;
};

function mail(trx: ShopTransaction, { accountId, language, kind, data = {}, now }: Mail): Promise<void> {
  const businessKey = `${kind}:${newId<string>()}`;
  return queueMail(trx, { accountId, kind, businessKey, data, language, now });
}

type Act = {
  action: string;
  subjectId: SubjectId;
  resourceId: AccountId | AppealId;
  data?: Record<string, string>;
  by: AccountId | null;
  now: Date;
};

function writeDown(trx: ShopTransaction, { by, ...act }: Act): Promise<void> {
  const actorKind = by === null ? "system" : "admin";
  return appendAudit(trx, { ...act, shopId: platformShopId, actorKind, actorId: by });
}
