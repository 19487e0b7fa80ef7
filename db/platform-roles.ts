import type { AccountId } from "../domain/id.ts";
import type { PlatformRole } from "../domain/platform-role.ts";
import { accountSubject, platformShopId } from "./accounts.ts";
import { asAdmin } from "./admin-database.ts";
import type { AdminDatabase } from "./admin-database.ts";
import { appendAudit } from "./audit-events.ts";
import type { ShopTransaction } from "./connection.ts";

type RoleChange = {
  accountId: AccountId;
  role: PlatformRole;
  /** Null: the operator, by a command. */
  by: AccountId | null;
  now: Date;
};

/** Safe to run twice: false when the account has the role. */
export function grantPlatformRole(admin: AdminDatabase, change: RoleChange): Promise<boolean> {
  const { accountId, role, by, now } = change;
  return asAdmin(admin, async (trx) => {
    const result = await trx
      .insertInto("platform_roles")
      .values({ account_id: accountId, role, granted_by: by, granted_at: now })
      .onConflict((conflict) => conflict.columns(["account_id", "role"]).doNothing())
      .executeTakeFirst();
    const isNew = result.numInsertedOrUpdatedRows === 1n;
    if (isNew) await writeDown(trx, "role.granted", change);
    return isNew;
  });
}

/** False when the account did not have it. */
export function revokePlatformRole(admin: AdminDatabase, change: RoleChange): Promise<boolean> {
  return asAdmin(admin, async (trx) => {
    const result = await trx
      .deleteFrom("platform_roles")
      .where("account_id", "=", change.accountId)
      .where("role", "=", change.role)
      .executeTakeFirst();
    const hadIt = result.numDeletedRows > 0n;
    if (hadIt) await writeDown(trx, "role.revoked", change);
    return hadIt;
  });
}

function writeDown(
  trx: ShopTransaction,
  action: "role.granted" | "role.revoked",
  { accountId, role, by, now }: RoleChange,
): Promise<void> {
  return appendAudit(trx, {
    shopId: platformShopId,
    actorKind: by === null ? "system" : "admin",
    actorId: by,
    action,
    subjectId: accountSubject(accountId),
    data: { role },
    now,
  });
}
