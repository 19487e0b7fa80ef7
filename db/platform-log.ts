import type { ParticipantId, SubjectId } from "../domain/id.ts";
import { platformShopId } from "./accounts.ts";
import type { Look } from "./admin-upgrades.ts";
import { appendAudit } from "./audit-events.ts";
import type { ShopTransaction } from "./connection.ts";

type Act = { subjectId: ParticipantId | SubjectId; resourceId: string; data?: Record<string, string> };

/** What an admin looked at or decided, where it is no shop's: a participant may have many shops, or none. */
export function writePlatformLog(
  trx: ShopTransaction,
  act: Act,
  { action, accountId, now }: Look,
): Promise<void> {
  return appendAudit(trx, {
    ...act,
    shopId: platformShopId,
    actorKind: "admin",
    actorId: accountId,
    action,
    now,
  });
}
