import type { AccountId } from "../domain/id.ts";
import { accountSubject, platformShopId } from "./accounts.ts";
import { appendAudit } from "./audit-events.ts";
import type { ShopTransaction } from "./connection.ts";
import { noteFactor } from "./note-factor.ts";
import { removeFactor } from "./second-factors.ts";
import { endSessionsOf } from "./sessions.ts";

/**
 * For somebody who lost phone and recovery codes, by a command: every session ends, and the owner gets a mail. In
 * `withShop(platformShopId)`. False: there was no factor.
 */
export async function takeFactorAway(
  trx: ShopTransaction,
  { accountId, now }: { accountId: AccountId; now: Date },
): Promise<boolean> {
  if (!(await removeFactor(trx, accountId))) return false;
  await endSessionsOf(trx, { accountId, except: null, now });
  await noteFactor(trx, { accountId, kind: "factor.removed", now });
  await appendAudit(trx, {
    shopId: platformShopId,
    actorKind: "system",
    actorId: null,
    action: "account.factor_removed",
    subjectId: accountSubject(accountId),
    resourceId: accountId,
    now,
  });
  return true;
}
