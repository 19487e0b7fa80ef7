import type { PoolState } from "../domain/ports/house-state.ts";
import { openDatabase } from "./connection.ts";
import type { Database, ShopTransaction } from "./connection.ts";

/**
 * The login of admins of the platform, which reaches the rows of upgrades, subscriptions, referral and roles, suspends
 * accounts, and reaches no customer's: opaque, so that its holders can only pass it to the named functions of
 * `db/admin-upgrades.ts`, `db/admin-plan-payments.ts`, `db/admin-payouts.ts`, `db/admin-fraud.ts`, `db/admin-accounts.ts`,
 * `db/admin-applications.ts`, `db/admin-break-glass.ts`, `db/admin-disclosures.ts`, `db/admin-access-reviews.ts`,
 * `db/admin-privacy.ts`, `db/platform-roles.ts` and `db/suspend-account.ts`.
 */
export interface AdminDatabase {
  readonly __admin: true;
  pool(): PoolState;
  close(): Promise<void>;
}

const databases = new WeakMap<AdminDatabase, Database>();

export function openAdminDatabase(options: {
  url: string;
  maxConnections: number;
  name: string;
}): AdminDatabase {
  const database = openDatabase(options);
  const admin: AdminDatabase = {
    __admin: true,
    pool: () => database.pool(),
    close: () => database.close(),
  };
  databases.set(admin, database);
  return admin;
}

/** For the admin modules only. */
export async function asAdmin<T>(admin: AdminDatabase, fn: (trx: ShopTransaction) => Promise<T>): Promise<T> {
  const database = databases.get(admin);
  if (database === undefined) throw new TypeError("not an admin database");
  return database.withoutShop(fn);
}
