import { sql } from "kysely";
import type { RawBuilder } from "kysely";

import type { ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import { copiedColumns, openedColumns, ownerInParent, shopColumn } from "./inventory/copied-tables.ts";
import type { Holder } from "./inventory/copied-tables.ts";
import { tableInventory } from "./inventory/index.ts";
import type { Schema } from "./schema/index.ts";

export type SubjectRow = Record<string, unknown>;
/** The primary key of the last row of a page, as text. */
export type RowMark = readonly string[];
type KeyColumn = { name: string; type: string };
export type RowsWanted = {
  table: keyof Schema;
  shopId: ShopId;
  holder: Holder;
  key: readonly KeyColumn[];
  after: RowMark | null;
  limit: number;
};

/**
 * The key by which a table is read page by page. Empty when part of it is nothing that is copied, such as the hash of a
 * token: of such a table an account has few rows, which are one page.
 */
export async function findPageKey(trx: ShopTransaction, table: keyof Schema): Promise<KeyColumn[]> {
  const { rows } = await sql<KeyColumn>`
    select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type
    from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
    where i.indrelid = ${table}::regclass and i.indisprimary
    order by array_position(i.indkey::int2[], a.attnum)`.execute(trx);
  const copied = new Set(copiedColumns(table).map(({ name }) => name));
  return rows.every(({ name }) => copied.has(name)) ? rows : [];
}

/**
 * The rows of a table that are the holder's, as the inventory finds them: what is copied of them, and sealed what opens
 * their objects. `owner:column` is whose key a sealed column has, where the row does not say it itself.
 */
export async function listSubjectRows(
  trx: ShopTransaction,
  wanted: RowsWanted,
): Promise<{ rows: SubjectRow[]; next: RowMark | null }> {
  const { table, key, after, limit } = wanted;
  const marks = key.map(({ name }, index) => sql`t.${sql.ref(name)}::text as ${sql.ref(`mark:${index}`)}`);
  const order = sql.join(key.map(({ name }) => sql`t.${sql.ref(name)}`));
  const isAfter = after === null ? sql`true` : sql`(${order}) > (${sql.join(key.map(valueOf(after)))})`;
  const page = key.length === 0 ? sql`` : sql`order by ${order} limit ${limit}`;
  const { rows } = await sql<SubjectRow>`
    select ${sql.join([...selected(table), ...marks])} from ${sql.table(table)} t
    where ${isHolders(wanted)} and ${isAfter} ${page}`.execute(trx);
  const last = rows.length < limit || key.length === 0 ? undefined : rows.at(-1);
  const next = last === undefined ? null : key.map((_, index) => String(last[`mark:${index}`]));
  return { rows: rows.map((row) => withoutMarks(row)), next };
}

function selected(table: keyof Schema): RawBuilder<unknown>[] {
  const copied = copiedColumns(table).map(({ name }) => name);
  const opened = openedColumns(table);
  const owners = opened.flatMap(({ name, places }) =>
    places.flatMap(({ subject }) => {
      const over = ownerInParent(table, subject);
      return over === undefined ? [] : [sql`${ownerOver(table, over)} as ${sql.ref(`owner:${name}`)}`];
    }),
  );
  const columns = [...new Set([...copied, ...opened.map(({ name }) => name)])];
  return [...columns.map((name) => sql`t.${sql.ref(name)}`), ...owners];
}

type Over = NonNullable<ReturnType<typeof ownerInParent>>;

function ownerOver(table: keyof Schema, { column, parent, owner }: Over): RawBuilder<unknown> {
  return sql`(select p.${sql.ref(owner)} from ${sql.table(parent)} p
    where p.id = t.${sql.ref(column)} and ${isSameShop(table, parent)})`;
}

function isSameShop(table: keyof Schema, parent: keyof Schema): RawBuilder<boolean> {
  const isOfShop = shopColumn(table) === "shop_id" && shopColumn(parent) === "shop_id";
  return isOfShop ? sql`p.shop_id = t.shop_id` : sql`true`;
}

function isHolders(wanted: { table: keyof Schema; shopId: ShopId; holder: Holder }): RawBuilder<boolean> {
  const { table, shopId, holder } = wanted;
  const shop = shopColumn(table);
  const isInShop = shop === undefined ? sql<boolean>`true` : sql<boolean>`t.${sql.ref(shop)} = ${shopId}`;
  if (holder.kind === "tenant") return isInShop;
  return sql`${isInShop} and (${ownedBy(sql.raw("t"), { table, kind: holder.kind, id: holder.id, shopId })})`;
}

type Owned = { table: keyof Schema; kind: Exclude<Holder["kind"], "tenant">; id: string; shopId: ShopId };

/** By the owner's column, or by being part of what is the owner's. */
function ownedBy(alias: RawBuilder<unknown>, { table, kind, id, shopId }: Owned): RawBuilder<boolean> {
  const ways = (tableInventory[table].of[kind] ?? "").split("|").map((path) => {
    const [column, parent] = path.split(">") as [string, (keyof Schema)?];
    if (parent === undefined) return sql<boolean>`${alias}.${sql.ref(column)} = ${id}`;
    const isInShop = shopColumn(parent) === "shop_id" ? sql`p.shop_id = ${shopId}` : sql`true`;
    const isOwned = ownedBy(sql.raw("p"), { table: parent, kind, id, shopId });
    return sql<boolean>`${alias}.${sql.ref(column)} in
      (select p.id from ${sql.table(parent)} p where ${isInShop} and (${isOwned}))`;
  });
  return sql`${sql.join(ways, sql` or `)}`;
}

function valueOf(after: RowMark) {
  // The type is the catalogue's own word for the key's column.
  return ({ type }: KeyColumn, index: number) => sql`${after[index]}::text::${sql.raw(type)}`;
}

function withoutMarks(row: SubjectRow): SubjectRow {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith("mark:")));
}
