import { sql } from "kysely";
import type { RawBuilder } from "kysely";

import type { ShopTransaction } from "../connection.ts";

/** Of when a rule is asked, and where. `cutOff` and `shop` may be columns of a query around it. */
export type PurgeMoment = {
  at: Date;
  cutOff: RawBuilder<unknown>;
  /** Of rules that go shop by shop. */
  shop: RawBuilder<unknown>;
};

/** Columns by which a row of the table `t` is known, and their types. */
type KeyColumns = Record<string, "uuid" | "bytea" | "text">;

/**
 * How a rule finds its records and removes them. `t` is their table in `from`. Keys are JSON arrays as text: they stand in
 * plans, and tell records apart whatever their table is known by.
 */
export type PurgeSql = {
  from: (moment: PurgeMoment) => RawBuilder<unknown>;
  where: (moment: PurgeMoment) => RawBuilder<unknown>;
  /** When the record's time began. */
  began: RawBuilder<unknown>;
  key: KeyColumns;
  /** In which order they go, where one can go only after another. */
  order?: RawBuilder<unknown>;
  /** Locks those that may be removed; a rule without it needs none, since nothing brings its records back. */
  lock?: (trx: ShopTransaction, keys: RawBuilder<unknown>) => Promise<void>;
  /** How many are gone; `keys` is a subquery of the key's columns. */
  remove: (trx: ShopTransaction, keys: RawBuilder<unknown>, moment: PurgeMoment) => Promise<number>;
};

/** A rule whose rows go by themselves. */
export function plainRows(
  table: string,
  rule: Pick<PurgeSql, "where" | "began"> & { key?: KeyColumns; before?: PurgeSql["remove"] },
): PurgeSql {
  const { where, began, key = shopKey, before } = rule;
  return {
    from: () => sql`${sql.table(table)} t`,
    where,
    began,
    key,
    remove: async (trx, keys, moment) => {
      await before?.(trx, keys, moment);
      return deleteRows(trx, table, { key, keys });
    },
  };
}

export const shopKey: KeyColumns = { shop_id: "uuid", id: "uuid" };

export async function deleteRows(
  trx: ShopTransaction,
  table: string,
  { key, keys }: { key: KeyColumns; keys: RawBuilder<unknown> },
): Promise<number> {
  const columns = sql.join(Object.keys(key).map((column) => sql.ref(column)));
  const { numAffectedRows } = await sql`
    delete from ${sql.table(table)} where (${columns}) in ${keys}`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}

/** `select key, began`, as far as the rule goes at that moment; `among` asks of these alone. */
export function dueRecords(
  rule: PurgeSql,
  moment: PurgeMoment,
  among?: readonly string[],
): RawBuilder<unknown> {
  const only = among === undefined ? sql`` : sql`and (${keyOf(rule)}) in ${keysOf(rule, among)}`;
  return sql`select jsonb_build_array(${keyAsText(rule)})::text as key, ${rule.began} as began
    from ${rule.from(moment)} where ${rule.where(moment)} ${only}`;
}

/** The keys as a subquery of the key's columns. */
export function keysOf({ key }: PurgeSql, keys: readonly string[]): RawBuilder<unknown> {
  const columns = Object.entries(key).map(([column, type], index) => {
    const text = sql`(k ->> ${sql.lit(index)})`;
    const value = type === "bytea" ? sql`decode(${text}, 'hex')` : sql`${text}::${sql.raw(type)}`;
    return sql`${value} as ${sql.ref(column)}`;
  });
  return sql`(select ${sql.join(columns)} from jsonb_array_elements(${`[${keys.join(",")}]`}::jsonb) k)`;
}

function keyOf({ key }: PurgeSql): RawBuilder<unknown> {
  return sql.join(Object.keys(key).map((column) => sql.ref(`t.${column}`)));
}

function keyAsText({ key }: PurgeSql): RawBuilder<unknown> {
  return sql.join(
    Object.entries(key).map(([column, type]) =>
      type === "bytea" ? sql`encode(${sql.ref(`t.${column}`)}, 'hex')` : sql.ref(`t.${column}`),
    ),
  );
}
