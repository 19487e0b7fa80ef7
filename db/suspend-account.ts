import type { SuspensionReason } from "../domain/account/suspension.ts";
import type { AccountId, AppealId } from "../domain/id.ts";
import { newId } from "../domain/id.ts";
import { decideAppeal } from "./account-appeals.ts";
import { setSuspension } from "./account-changes.ts";
import { findAccount, platformShopId } from "./accounts.ts";
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
 * Suspends an account, with its sessions, or opens it again; its owner gets a mail. In `withShop(platformShopId)`.
 * False: it was so before, or there is no such account.
 */
export async function changeSuspension(
  trx: ShopTransaction,
  { accountId, reason, by, now }: Suspension,
): Promise<boolean> {
  if (!(await setSuspension(trx, { accountId, reason, now }))) return false;
  if (reason !== null) await endSessionsOf(trx, { accountId, except: null, now });
  const account = await findAccount(trx, accountId);
  const kind = reason === null ? "account_reinstated" : "account_suspended";
  await queueMail(trx, {
    accountId,
    kind,
    businessKey: `${kind}:${newId<string>()}`,
    data: reason === null ? {} : { reason },
    language: account?.language ?? "en",
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
export async function settleAppeal(
  trx: ShopTransaction,
  { id, to, by, now }: { id: AppealId; to: "granted" | "refused"; by: AccountId | null; now: Date },
): Promise<boolean> {
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
  if (to === "granted") await changeSuspension(trx, { accountId, reason: null, by, now });
  return true;
}
