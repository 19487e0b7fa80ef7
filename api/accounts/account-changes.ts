import { appendAudit } from "../../db/audit-events.ts";
import { accountSubject, platformShopId } from "../../db/accounts.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { AppError } from "../../domain/app-error.ts";
import type { AccountId } from "../../domain/id.ts";
import type { ApiDeps } from "../deps.ts";

export type AccountChange =
  | "created"
  | "restarted"
  | "verified"
  | "password_changed"
  | "password_reset"
  | "email_changed";

/** Account events belong to no shop: they stand under the platform's id. In `withShop(platformShopId)`. */
export function auditAccount(
  trx: ShopTransaction,
  { accountId, change, now }: { accountId: AccountId; change: AccountChange; now: Date },
): Promise<void> {
  return appendAudit(trx, {
    shopId: platformShopId,
    actorKind: "owner",
    actorId: accountId,
    action: `account.${change}`,
    subjectId: accountSubject(accountId),
    resourceId: accountId,
    now,
  });
}

/** A transaction about an account, which may be audited. */
export function withAccounts<T>({ db }: ApiDeps, fn: (trx: ShopTransaction) => Promise<T>): Promise<T> {
  return db.withShop(platformShopId, fn);
}

/** Unknown, used and expired are one answer. */
export function deadLink(): AppError {
  return new AppError("invalid", "link.invalid", {
    internal: "the token is unknown, used or expired",
    public: "This link is no longer good. Ask for a new one.",
  });
}
