import { createHash } from "node:crypto";
import type { Kysely } from "kysely";
import { sql } from "kysely";

import { AppError } from "../domain/app-error.ts";

/** The statements of each migration, by name. */
export type MigrationTexts = Readonly<Record<string, readonly string[]>>;

/**
 * Throws `AppError` with what to do when the database was made by other migrations than these: by a newer version, or
 * by one whose migration was changed afterwards. Queries would fail one by one, and nobody would be told why.
 */
export async function refuseForeignSchema(db: Kysely<unknown>, texts: MigrationTexts): Promise<void> {
  if (!(await hasTable(db, "kysely_migration"))) return;
  const { rows: ran } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(
    db,
  );
  const unknown = ran.find(({ name }) => texts[name] === undefined);
  if (unknown) {
    throw foreign(
      `it has the migration ${unknown.name}, which this version does not know: start the newer version`,
    );
  }
  const missing = Object.keys(texts)
    .toSorted()
    .slice(0, ran.length)
    .find((name) => !ran.some((row) => row.name === name));
  if (missing)
    throw foreign(
      `it lacks the migration ${missing}, and has later ones: give this version an empty database`,
    );
  if (!(await hasTable(db, "migration_checksums"))) return;
  const { rows } = await sql<{ name: string; sha256: string }>`
    select name, sha256 from migration_checksums order by name`.execute(db);
  const changed = rows.find(({ name, sha256 }) => sha256 !== checksum(texts[name] ?? []));
  if (!changed) return;
  throw foreign(
    `its migration ${changed.name} is not the one of this version: start the version that made it, or give this one an empty database`,
  );
}

/** Remembers what ran; what ran before there were checksums is taken as it is. */
export async function recordChecksums(db: Kysely<unknown>, texts: MigrationTexts): Promise<void> {
  const known = JSON.stringify(
    Object.entries(texts).map(([name, statements]) => ({ name, sha256: checksum(statements) })),
  );
  await sql`
    insert into migration_checksums (name, sha256)
    select t.name, t.sha256 from jsonb_to_recordset(${known}::jsonb) as t (name text, sha256 text)
      join kysely_migration m on m.name = t.name
    on conflict (name) do nothing`.execute(db);
}

async function hasTable(db: Kysely<unknown>, name: string): Promise<boolean> {
  const { rows } = await sql<{ found: string | null }>`select to_regclass(${name}) as found`.execute(db);
  return rows[0]?.found !== null;
}

function checksum(statements: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(statements)).digest("hex");
}

function foreign(reason: string): AppError {
  return new AppError("internal", "db.foreign_schema", {
    internal: reason,
    public: `The database cannot be used: ${reason}.`,
  });
}
