import { Kysely, Migrator, PostgresDialect, sql } from "kysely";
import type { Migration } from "kysely";
import { Client, Pool } from "pg";

import { AppError } from "../domain/app-error.ts";
import { recordChecksums, refuseForeignSchema } from "./migration-checksums.ts";
import type { MigrationTexts } from "./migration-checksums.ts";
import { migrationTexts } from "./migrations/index.ts";

export const loginRoles = ["app_api", "app_worker", "app_admin", "app_system", "keyring"] as const;
export type LoginRole = (typeof loginRoles)[number];

/**
 * Creates the login roles with the given passwords where they are missing, or sets the passwords anew.
 * Needs CREATEROLE. Roles belong to the whole server, not to one database.
 */
export async function ensureLoginRoles(
  ownerUrl: string,
  passwords: Record<LoginRole, string>,
): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    // Two starts at once would both see a role missing.
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock(hashtext('shopthread.roles'))");
    for (const role of loginRoles) {
      const { rowCount } = await client.query("select 1 from pg_roles where rolname = $1", [role]);
      const verb = rowCount === 0 ? "create" : "alter";
      const password = client.escapeLiteral(passwords[role]);
      await client.query(
        `${verb} role ${role} login nosuperuser nobypassrls nocreatedb nocreaterole password ${password}`,
      );
    }
    await client.query("commit");
  } finally {
    await client.end();
  }
}

/**
 * Brings a database to the newest schema; several migrators at once wait for each other. The login roles must exist.
 * Throws `db.foreign_schema` when other migrations made it.
 */
export async function migrateToLatest(
  ownerUrl: string,
  texts: MigrationTexts = migrationTexts,
): Promise<string[]> {
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new Pool({ connectionString: ownerUrl, max: 2 }) }),
  });
  try {
    await refuseForeignSchema(db, texts);
    const { error, results } = await new Migrator({
      db,
      provider: { getMigrations: async () => asMigrations(texts) },
    }).migrateToLatest();
    if (error) {
      const failed = results?.find((result) => result.status === "Error")?.migrationName ?? "start";
      throw new AppError("internal", "db.migration_failed", {
        internal: `migration ${failed}`,
        cause: error,
      });
    }
    await recordChecksums(db, texts);
    await sql`analyze`.execute(db);
    return (results ?? []).map((result) => result.migrationName);
  } finally {
    await db.destroy();
  }
}

function asMigrations(texts: MigrationTexts): Record<string, Migration> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, statements]) => [
      name,
      {
        up: async (db: Kysely<unknown>) => {
          for (const statement of statements) await sql.raw(statement).execute(db);
        },
      },
    ]),
  );
}
