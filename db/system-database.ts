import type { PoolState } from "../domain/ports/house-state.ts";
import { openDatabase } from "./connection.ts";
import type { Database, ShopTransaction } from "./connection.ts";

/**
 * The login that sees every shop, for what must be known before the shop is: opaque, so that its holders can only
 * pass it to the named functions of `db/system.ts`, `db/system-open-rows.ts`, `db/system-sweeps.ts`,
 * `db/system-credits.ts`, `db/system-incidents.ts`, `db/system-retention.ts`, `db/system-retention-forecast.ts`,
 * `db/system-audit.ts`, `db/system-access.ts`, `db/system-privacy.ts` and `db/system-state.ts`.
 */
export interface SystemDatabase {
  readonly __system: true;
  ping(): Promise<void>;
  pool(): PoolState;
  close(): Promise<void>;
}

const databases = new WeakMap<SystemDatabase, Database>();

export function openSystemDatabase(options: {
  url: string;
  maxConnections: number;
  name: string;
}): SystemDatabase {
  const database = openDatabase(options);
  const system: SystemDatabase = {
    __system: true,
    ping: () => database.ping(),
    pool: () => database.pool(),
    close: () => database.close(),
  };
  databases.set(system, database);
  return system;
}

/** For the system modules only. */
export async function asSystem<T>(
  system: SystemDatabase,
  fn: (trx: ShopTransaction) => Promise<T>,
): Promise<T> {
  return databaseOf(system).withoutShop(fn);
}

/** Likewise, for a single statement. */
export async function asSystemAlone<T>(
  system: SystemDatabase,
  fn: (db: ShopTransaction) => Promise<T>,
): Promise<T> {
  return databaseOf(system).alone(fn);
}

function databaseOf(system: SystemDatabase): Database {
  const database = databases.get(system);
  if (database === undefined) throw new TypeError("not a system database");
  return database;
}
