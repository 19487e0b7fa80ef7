import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Client } from "pg";
import { from as copyFrom } from "pg-copy-streams";

import { AppError } from "../domain/app-error.ts";
import type { ErasureEntry } from "../domain/ports/erasure-list.ts";
import { keyTables, render } from "./backup-snapshot.ts";
import type { TableCopy } from "./backup-snapshot.ts";
import { loginRoles } from "./migrate.ts";
import { demandUnbound } from "./owner.ts";
import { eraseListed } from "./erase-listed.ts";

export type TableToLoad = TableCopy & { rows: number; open(): Readable };

/** A database that is filled from a backup, under the owner's login. Between the steps nobody but the owner can connect. */
export interface RestoreDatabase {
  /** Refuses while API or workers are connected, and a database with tables unless `mayEmpty`; then there are none. */
  prepare(options: { mayEmpty: boolean }): Promise<void>;
  /** Fills the migrated database, all tables or none. */
  load(tables: TableToLoad[]): Promise<void>;
  /** Fills the tables of keys; a key whose subject the database does not know is left out. */
  loadKeys(tables: TableToLoad[]): Promise<void>;
  /** Takes the listed subjects' keys and words; answers whose objects are to go, by id. Safe to run twice. */
  erase(entries: ErasureEntry[]): Promise<{ subjects: number; objectIds: string[] }>;
  openDoors(): Promise<void>;
  close(): Promise<void>;
}

export async function openRestoreDatabase(ownerUrl: string): Promise<RestoreDatabase> {
  const client = new Client({ connectionString: ownerUrl, application_name: "restore" });
  client.on("error", () => undefined);
  await client.connect();
  const inTransaction = <T>(work: () => Promise<T>) => transact(client, work);
  return {
    prepare: (options) => prepare(client, options),
    load: (tables) => inTransaction(() => load(client, tables)),
    loadKeys: (tables) => inTransaction(() => loadKeys(client, tables)),
    erase: (entries) => inTransaction(() => eraseListed(client, entries)),
    openDoors: () => changeDoors(client, "grant", "to"),
    close: () => client.end(),
  };
}

async function prepare(client: Client, { mayEmpty }: { mayEmpty: boolean }): Promise<void> {
  await demandUnbound(client);
  const { rowCount: tables } = await client.query("select from pg_tables where schemaname = 'public'");
  if ((tables ?? 0) > 0 && !mayEmpty)
    throw refused(
      "restore.not_empty",
      "The database has tables already. --force-empty drops all of them first.",
    );
  await demandNobody(client);
  await changeDoors(client, "revoke", "from");
  await client.query("drop schema public cascade; create schema public");
}

async function demandNobody(client: Client): Promise<void> {
  const { rows } = await client.query<{ usename: string }>(
    "select distinct usename from pg_stat_activity where datname = current_database() and usename = any ($1)",
    [loginRoles],
  );
  if (rows.length === 0) return;
  const who = rows.map(({ usename }) => usename).join(", ");
  throw refused("restore.in_use", `The database is in use by ${who}: stop API, workers and keyring first.`);
}

/** A crash in the middle leaves them closed: what is not erased again serves nobody. */
async function changeDoors(
  client: Client,
  verb: "grant" | "revoke",
  direction: "to" | "from",
): Promise<void> {
  const { rows } = await client.query<{ name: string }>("select current_database() as name");
  const name = client.escapeIdentifier(rows[0]?.name ?? "");
  const who = verb === "grant" ? loginRoles : ["public", ...loginRoles];
  await client.query(`${verb} connect on database ${name} ${direction} ${who.join(", ")}`);
}

/** Foreign keys are made anew after the rows, so that their order is no matter; and they check what has come. */
async function load(client: Client, tables: TableToLoad[]): Promise<void> {
  const { rows: keys } = await client.query<{ drop: string; add: string }>(foreignKeys);
  for (const { drop } of keys) await client.query(drop);
  await client.query(`truncate ${await listTables(client)}`);
  for (const table of tables) await loadTable(client, table);
  for (const { add } of keys) await client.query(add);
}

const foreignKeys = `
  select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
      format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as add
    from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace order by oid`;

async function listTables(client: Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `select quote_ident(relname) as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
      and relname not in ('kysely_migration', 'kysely_migration_lock', 'migration_checksums')`,
  );
  return rows.map(({ name }) => name).join(", ");
}

/** Triggers are silent: what they do was done when the rows were new. */
async function loadTable(client: Client, table: TableToLoad): Promise<void> {
  const name = client.escapeIdentifier(table.name);
  await client.query(`alter table ${name} disable trigger user`);
  const rows = await copyInto(client, table, render(client, table));
  if (rows !== table.rows)
    throw refused(
      "backup.damaged",
      `The backup cannot be used: ${table.name} has ${rows} rows, not ${table.rows}.`,
    );
  await client.query(`alter table ${name} enable trigger user`);
}

async function copyInto(client: Client, table: TableToLoad, into: string): Promise<number> {
  const target = client.query(copyFrom(`copy ${into} from stdin`));
  await pipeline(table.open(), target);
  return target.rowCount;
}

async function loadKeys(client: Client, tables: TableToLoad[]): Promise<void> {
  await client.query("truncate subject_keys, key_epochs");
  for (const name of keyTables) {
    const table = tables.find((known) => known.name === name);
    if (table === undefined) throw refused("backup.damaged", `The backup cannot be used: it has no ${name}.`);
    await client.query(
      `create temporary table restored_${name} (like ${name} including defaults) on commit drop`,
    );
    await copyInto(client, table, render(client, { ...table, name: `restored_${name}` }));
    const columns = table.columns.map((column) => client.escapeIdentifier(column)).join(", ");
    const known =
      name === "subject_keys"
        ? "where exists (select from subjects s where s.shop_id = r.shop_id and s.id = r.subject_id)"
        : "";
    await client.query(`insert into ${name} (${columns}) select ${columns} from restored_${name} r ${known}`);
  }
}

async function transact<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query("begin");
  try {
    const result = await work();
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch(() => undefined); // the connection may be gone
    throw error;
  }
}

function refused(code: string, message: string): AppError {
  return new AppError("invalid", code, { internal: message, public: message });
}
