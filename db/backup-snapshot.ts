import type { Readable } from "node:stream";
import { Client } from "pg";
import { to as copyTo } from "pg-copy-streams";

import { demandUnbound } from "./owner.ts";

/** A table with the columns that are copied; computed ones come by themselves. */
export type TableCopy = { name: string; columns: string[] };

/** All tables as they were in one instant, while others write. */
export interface Snapshot {
  /** Names of the migrations that have run. */
  migrations: string[];
  tables: TableCopy[];
  /** One at a time. */
  copy(table: TableCopy): Readable;
  close(): Promise<void>;
}

/** Wrapped keys: of these only the newest are kept anywhere. */
export const keyTables = ["key_epochs", "subject_keys"] as const;
/** What a migration makes by itself. */
const ownTables = ["kysely_migration", "kysely_migration_lock", "migration_checksums"];

/** Needs the owner's login, which row security does not bind: a table read in part would be a backup of a part. */
export async function openSnapshot(ownerUrl: string): Promise<Snapshot> {
  const client = new Client({ connectionString: ownerUrl, application_name: "backup" });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await demandUnbound(client);
    await client.query("begin isolation level repeatable read read only; set local row_security = off");
    const migrations = await client.query<{ name: string }>(
      "select name from kysely_migration order by name",
    );
    const tables = await client.query<TableCopy>(listTables, [ownTables]);
    return {
      migrations: migrations.rows.map(({ name }) => name),
      tables: tables.rows,
      copy: (table) => client.query(copyTo(`copy ${render(client, table)} to stdout`)),
      close: () => client.end(),
    };
  } catch (error) {
    await client.end();
    throw error;
  }
}

const listTables = `
  select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and not c.relname = any ($1)
      and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    group by c.relname order by c.relname`;

export function render(client: Client, { name, columns }: TableCopy): string {
  const list = columns.map((column) => client.escapeIdentifier(column)).join(", ");
  return `${client.escapeIdentifier(name)} (${list})`;
}
