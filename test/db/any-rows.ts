import { randomBytes } from "node:crypto";
import type { Client } from "pg";

import { newId } from "../../domain/id.ts";

/** What the database itself says of its tables. */
export type Column = { name: string; type: string; isNeeded: boolean; allowed: string | null };
export type TableFacts = { name: string; columns: Column[] };

/** The column that names the shop: `shops` is the one table whose own id it is. */
export function shopColumn(table: string): string {
  return table === "shops" ? "id" : "shop_id";
}

export async function listTables(owner: Client): Promise<TableFacts[]> {
  const { rows } = await owner.query<{ table: string } & Column>(`
    select c.relname as table, a.attname as name, format_type(a.atttypid, null) as type,
      a.attnotnull and not a.atthasdef as "isNeeded",
      (select (regexp_match(pg_get_constraintdef(k.oid), a.attname || ' = ANY \\(ARRAY\\[''([^'']+)'''))[1]
        from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and a.attnum = any (k.conkey)
          and cardinality(k.conkey) = 1 limit 1) as allowed
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      and a.attgenerated = ''
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname not like 'kysely%'
    order by c.relname, a.attnum`);
  const names = [...new Set(rows.map(({ table }) => table))];
  return names.map((name) => ({ name, columns: rows.filter(({ table }) => table === name) }));
}

/** Of columns of which a check demands one: the ones that are filled. */
const chosen: Record<string, readonly string[]> = { upgrade_requests: ["plan_code", "plan_version"] };

/** An INSERT of some row of that shop: enough to be seen or refused, with no meaning. */
export function anyRow({ name, columns }: TableFacts, shopId: string): { text: string; values: unknown[] } {
  // What a row belongs to may be one of several ids, of which none is needed alone.
  const filled = columns.filter(
    ({ isNeeded, type, name: column }) =>
      isNeeded || type === "uuid" || column === shopColumn(name) || chosen[name]?.includes(column),
  );
  const places = filled.map((_, index) => `$${index + 1}`).join(", ");
  return {
    text: `insert into ${name} (${filled.map((column) => column.name).join(", ")}) values (${places})`,
    values: filled.map((column) => (column.name === shopColumn(name) ? shopId : anyValue(column))),
  };
}

export function anyValue({ type, allowed }: Column): unknown {
  switch (type) {
    case "uuid":
      return newId<string>();
    case "text":
      return allowed ?? randomBytes(8).toString("hex");
    case "bytea":
      return randomBytes(16);
    case "integer":
    case "bigint":
      return 1;
    case "boolean":
      return false;
    case "jsonb":
      return "{}";
    case "text[]":
      return [];
    case "timestamp with time zone":
      return new Date();
    default:
      throw new Error(`no value for a ${type}`);
  }
}
