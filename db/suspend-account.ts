import type { SuspensionReason } from "../domain/account/suspension.ts";
import type { AccountId, AppealId } from "../domain/id.ts";
import { newId } from "../domain/id.ts";
import { decideAppeal } from "./account-appeals.ts";
import { setSuspension } from "./account-changes.ts";
import { platformShopId } from "./accounts.ts";
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
 * Suspends an account, with its sessions, or opens it again; its owner gets a mail. False: it was so before, or there is
 * no such account.
 */
export function changeSuspension(admin: AdminDatabase, change: Suspension): Promise<boolean> {
  return asAdmin(admin, (trx) => carryOut(trx, change));
}

async function carryOut(trx: ShopTransaction, { accountId, reason, by, now }: Suspension): Promise<boolean> {
  const language = await setSuspension(trx, { accountId, reason, now });
  if (language === undefined) return false;
  if (reason !== null) await endSessionsOf(trx, { accountId, except: null, now });
  const kind = reason === null ? "account_reinstated" : "account_suspended";
  await queueMail(trx, {
    accountId,
    kind,
    businessKey: `${kind}:${newId<string>()}`,
    data: reason === null ? {} : { reason },
    language,
    now,
  });
  await appendAudit(trx, {
    shopId: platformShopId,
    actorKind: "system",
    actorId: by,
    action: reason === null ? "account.reinstated" : "account.suspended",
    resourceId: accountId,
    data: reason === null ? {} : { reason },
    now,
  });
  return true;
}

/** A granted appeal opens the account. False: it was decided before. */
export function settleAppeal(
  admin: AdminDatabase,
  { id, to, by, now }: { id: AppealId; to: "granted" | "refused"; by: AccountId | null; now: Date },
): Promise<boolean> {
  return asAdmin(admin, async (trx) => {
    const accountId = await decideAppeal(trx, { id, to, decidedBy: by, now });
    if (accountId === undefined) return false;
    await appendAudit(trx, {
      shopId: platformShopId,
      actorKind: "system",
      actorId: by,
      action: `appeal.${to}`,
      resourceId: id,
      now,
    });
    if (to === "granted") await carryOut(trx, { accountId, reason: null, by, now });
    return true;
  });
}
