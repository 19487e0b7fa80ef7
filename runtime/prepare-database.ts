import { Client } from "pg";
import { ensureLoginRoles, migrateToLatest } from "../db/migrate.ts";
import type { LoginRole } from "../db/migrate.ts";
import { AppError } from "../domain/app-error.ts";
import { databaseLogins } from "./config.ts";
import type { Config } from "./config.ts";

export type DatabaseLogins = Record<(typeof databaseLogins)[number], string>;

const roleOf: Record<(typeof databaseLogins)[number], LoginRole> = {
  DATABASE_URL_API: "app_api",
  DATABASE_URL_WORKER: "app_worker",
  DATABASE_URL_ADMIN: "app_admin",
  DATABASE_URL_SYSTEM: "app_system",
  DATABASE_URL_KEYRING: "keyring",
};

/** Makes the database of an embedded server, once; answers its address for the owner. */
export async function createDatabase(superuserUrl: string, name: string): Promise<string> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  return withDatabase(superuserUrl, name);
}

/** Roles, where we may make them, and the newest schema; answers the five logins. */
export async function prepareDatabase(
  ownerUrl: string,
  config: Config,
  passwords: Record<LoginRole, string>,
): Promise<{ logins: DatabaseLogins; migrations: string[] }> {
  const logins = await prepareLogins(ownerUrl, config, passwords);
  return { logins, migrations: await migrateToLatest(ownerUrl) };
}

/** The roles, where we may make them. */
export async function prepareLogins(
  ownerUrl: string,
  config: Config,
  passwords: Record<LoginRole, string>,
): Promise<DatabaseLogins> {
  return findGivenLogins(config) ?? makeLogins(ownerUrl, passwords);
}

/** Refuses with one message when a server that was given from outside does not answer. */
export async function checkDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (error) {
    const { host } = new URL(url);
    const reason = error instanceof Error ? error.message : String(error);
    const message = `PostgreSQL at ${host} (DATABASE_URL) cannot be used: ${reason}`;
    throw new AppError("unavailable", "runtime.database_away", {
      internal: message,
      public: message,
      cause: error,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

function findGivenLogins(config: Config): DatabaseLogins | undefined {
  const given = databaseLogins.map((name) => [name, config[name]] as const);
  if (given.some(([, url]) => url === undefined)) return undefined;
  return Object.fromEntries(given) as DatabaseLogins; // all five are there
}

async function makeLogins(ownerUrl: string, passwords: Record<LoginRole, string>): Promise<DatabaseLogins> {
  try {
    await ensureLoginRoles(ownerUrl, passwords);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "42501") throw error;
    const message =
      "The user of DATABASE_URL may not create roles. Grant it CREATEROLE, or create the logins app_api, " +
      `app_worker, app_admin, app_system and keyring, and set ${databaseLogins.join(", ")}.`;
    throw new AppError("unavailable", "runtime.no_createrole", {
      internal: message,
      public: message,
      cause: error,
    });
  }
  return makeUrls(ownerUrl, passwords);
}

/** The five logins as a start has decided them; changes nothing in the database. */
export function loginsFor(
  ownerUrl: string,
  config: Config,
  passwords: Record<LoginRole, string>,
): DatabaseLogins {
  return findGivenLogins(config) ?? makeUrls(ownerUrl, passwords);
}

function makeUrls(ownerUrl: string, passwords: Record<LoginRole, string>): DatabaseLogins {
  const url = (name: keyof DatabaseLogins) => withLogin(ownerUrl, roleOf[name], passwords[roleOf[name]]);
  return Object.fromEntries(databaseLogins.map((name) => [name, url(name)])) as DatabaseLogins;
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

function withLogin(url: string, user: string, password: string): string {
  const changed = new URL(url);
  changed.username = user;
  changed.password = password;
  return changed.href;
}
