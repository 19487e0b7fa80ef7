import { setTimeout as wait } from "node:timers/promises";

import { CompiledQuery, Kysely, PostgresDialect, sql } from "kysely";
import type {
  IsolationLevel,
  KyselyPlugin,
  PluginTransformQueryArgs,
  PluginTransformResultArgs,
  QueryResult,
  RootOperationNode,
  Transaction,
  UnknownRow,
} from "kysely";
import { Pool, types } from "pg";

import { AppError } from "../domain/app-error.ts";
import type { ShopId } from "../domain/id.ts";
import type { PoolState } from "../domain/ports/house-state.ts";
import { FairPlaces } from "./fair-places.ts";
import { preparing, stalePlan } from "./prepared-statements.ts";
import type { Schema } from "./schema/index.ts";

/** A transaction that sees one shop only; every command takes one. */
export type ShopTransaction = Transaction<Schema>;

/** The one way to a shop's rows. */
export interface Database {
  /**
   * Runs `fn` in a transaction bound to the shop. Serialisation failures and deadlocks are tried again,
   * so `fn` must have no effect outside the database. Shops that wait for a connection get one in turn.
   */
  withShop<T>(shopId: ShopId, fn: (trx: ShopTransaction) => Promise<T>): Promise<T>;
  /** As `withShop`, of one instant: for what is read from several tables and shown together. */
  withShopSnapshot<T>(shopId: ShopId, fn: (trx: ShopTransaction) => Promise<T>): Promise<T>;
  /**
   * As `withShop`, as if nobody else wrote meanwhile: for a rule over rows that it does not lock, when every writer of them
   * comes this way. Losers of a race start over, so often that a crowd of them gets through.
   */
  withShopSerialisable<T>(shopId: ShopId, fn: (trx: ShopTransaction) => Promise<T>): Promise<T>;
  /** A transaction without a shop: only tables that carry none can be reached. */
  withoutShop<T>(fn: (trx: ShopTransaction) => Promise<T>): Promise<T>;
  /** As `withoutShop`, for work of a single statement, which needs no transaction around it. */
  alone<T>(fn: (db: ShopTransaction) => Promise<T>): Promise<T>;
  /** Throws `AppError("unavailable", …)` when Postgres does not answer. */
  ping(): Promise<void>;
  pool(): PoolState;
  close(): Promise<void>;
}

const attempts = 4;
const serialisableAttempts = 20;
const connectWithinMs = 5_000;
const retriable = new Set(["40001", "40P01", stalePlan]);
const int8 = 20;

/** Codes by which Postgres or the socket says "not now": it is cut off, starting, stopping, out of reach or overloaded. */
const awayCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EMFILE", // no file handle left for a connection, in this process
  "ENFILE", // or on this machine
  "57P01",
  "57P02",
  "57P03",
  "53300",
  "55P03", // a lock was not to be had in time
  "57014", // nor was the answer
  "08000",
  "08003",
  "08006",
]);

type PoolOptions = { url: string; maxConnections: number; name: string };

export function openDatabase(options: PoolOptions): Database {
  const pool = createPool(options);
  const db = queriesOf(pool);
  const places = new FairPlaces({ places: options.maxConnections, waitMs: connectWithinMs });
  const inPlace = <T>(holder: ShopId | null, work: () => Promise<T>) =>
    persist(() => places.run(holder, work));
  return {
    withShop: async (shopId, fn) => {
      const begin = beginInShop(shopId);
      return inPlace(shopId, () => inTransaction(db, begin, fn));
    },
    withShopSnapshot: async (shopId, fn) => {
      const begin = beginInShop(shopId, "repeatable read");
      return inPlace(shopId, () => inTransaction(db, begin, fn));
    },
    withShopSerialisable: async (shopId, fn) => {
      const begin = beginInShop(shopId, "serializable");
      const once = () => places.run(shopId, () => inTransaction(db, begin, fn));
      return persist(once, { attempts: serialisableAttempts, pauseMs: 5 });
    },
    withoutShop: (fn) => inPlace(null, () => inTransaction(db, begin(), fn)),
    alone: (fn) => inPlace(null, () => fn(asTransaction(db))),
    ping: async () => {
      await answer(sql`select 1`.execute(db));
    },
    pool: () => ({
      total: pool.totalCount,
      idle: pool.idleCount,
      waiting: places.waiting(),
      max: options.maxConnections,
    }),
    close: () => db.destroy(),
  };
}

function createPool(options: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: options.url,
    max: options.maxConnections,
    application_name: options.name,
    connectionTimeoutMillis: connectWithinMs,
    statement_timeout: 10_000,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 30_000,
    types: { getTypeParser: parserOf },
  });
  // A connection that dies while idle, or between two statements of a transaction, would otherwise end the process;
  // the next query reports it.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

function queriesOf(pool: Pool): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool: preparing(pool) }) });
}

/** bigint columns hold money below 2^53 (see `maxAmountMinor`) and counters: they are read as numbers. */
function parserOf(oid: number, format?: "text" | "binary"): (value: string) => unknown {
  if (oid === int8 && format !== "binary") return safeInteger;
  return types.getTypeParser(oid, format === "binary" ? "binary" : "text") as (value: string) => unknown;
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new AppError("internal", "db.integer_too_large", { internal: "a bigint beyond 2^53 was read" });
}

function begin(isolation: IsolationLevel = "read committed"): string {
  return `start transaction isolation level ${isolation}`;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One round trip: without parameters several statements travel together, so the id is checked and written into the text. */
function beginInShop(shopId: ShopId, isolation?: IsolationLevel): string {
  if (!uuid.test(shopId)) throw new TypeError("a shop's id is a uuid in lower case");
  return `${begin(isolation)}; set local app.shop_id = '${shopId}'`;
}

function inTransaction<T>(
  db: Kysely<Schema>,
  begin: string,
  fn: (trx: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  return db.connection().execute((connection) => transact(connection, begin, fn));
}

async function persist<T>(work: () => Promise<T>, limits = { attempts, pauseMs: 0 }): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await answer(work());
    } catch (error) {
      if (attempt === limits.attempts || !retriable.has(sqlState(error))) throw error;
    }
    // Those who lost together would meet again.
    if (limits.pauseMs > 0) await wait(Math.random() * limits.pauseMs * attempt);
  }
}

/** Kysely's own transactions know no statement that goes out together with their begin. */
async function transact<T>(
  connection: Kysely<Schema>,
  begin: string,
  fn: (trx: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  const guard = new EndGuard();
  try {
    await connection.executeQuery(CompiledQuery.raw(begin));
    const result = await fn(asTransaction(connection.withPlugin(guard)));
    guard.end();
    await connection.executeQuery(CompiledQuery.raw("commit"));
    return result;
  } catch (error) {
    guard.end();
    // The connection may be gone, and its transaction with it.
    await connection.executeQuery(CompiledQuery.raw("rollback")).catch(() => undefined);
    throw error;
  }
}

/** The connection may be another shop's by the time that a forgotten query comes. */
class EndGuard implements KyselyPlugin {
  private hasEnded = false;

  end(): void {
    this.hasEnded = true;
  }

  transformQuery({ node }: PluginTransformQueryArgs): RootOperationNode {
    if (this.hasEnded) throw new TypeError("a query after the end of its transaction");
    return node;
  }

  transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return Promise.resolve(result);
  }
}

/**
 * Safe for as long as `transact` runs: all that is asked of it goes through the one connection that has begun. What runs
 * `alone` asks once, and a statement is its own transaction.
 */
function asTransaction(connection: Kysely<Schema>): ShopTransaction {
  return connection as ShopTransaction;
}

async function answer<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isAway(error)) throw error;
    throw new AppError("unavailable", "db.away", {
      internal: `postgres: ${sqlState(error)}`,
      cause: error,
      retryAfterSeconds: 2,
    });
  }
}

function isAway(error: unknown): boolean {
  if (awayCodes.has(sqlState(error))) return true;
  return (
    error instanceof Error &&
    /timeout exceeded when trying to connect|Connection terminated|not queryable/.test(error.message)
  );
}

/** The SQLSTATE or socket code of an error, or an empty string. */
export function sqlState(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}
