import type { Schema } from "../schema/index.ts";
import type { OwnerKind, OwnerPath, SealedAt } from "./describe-table.ts";
import { tableInventory } from "./index.ts";
import { inventoryTables, listColumns } from "./list-columns.ts";
import type { InventoryColumn, Sensitivity } from "./list-columns.ts";

/** Whose rows are copied: one subject's, or (`tenant`) all that a shop has, its customers' included. */
export type Holder = { kind: OwnerKind | "tenant"; id: string };

/** The column that names the shop; `undefined` for tables of the platform. */
export function shopColumn(table: keyof Schema): "id" | "shop_id" | undefined {
  if (table === "shops") return "id";
  return listColumns(table).some(({ name }) => name === "shop_id") ? "shop_id" : undefined;
}

/** The tables in which the holder can have rows, but those that nobody gets a copy of. */
export function copiedTables({ kind }: Pick<Holder, "kind">): (keyof Schema)[] {
  return inventoryTables.filter((table) => {
    const { of, noCopy } = tableInventory[table];
    if (noCopy !== undefined) return false;
    return kind === "tenant"
      ? shopColumn(table) !== undefined && Object.keys(of).length > 0
      : of[kind] !== undefined;
  });
}

const whyNot: Partial<Record<Sensitivity, string>> = {
  credential: "lets somebody in, or opens what is sealed",
  blind_index: "a keyed hash, by which a value is found that stands beside it or is not kept",
};

export function copiedColumns(table: keyof Schema): InventoryColumn[] {
  return listColumns(table).filter(({ sensitivity }) => whyNot[sensitivity] === undefined);
}

/** What is not in packages, and why. */
export function listLeftOut(tables: readonly (keyof Schema)[]) {
  return tables.flatMap((table) => {
    const { noCopy } = tableInventory[table];
    return listColumns(table).flatMap(({ name, sensitivity }) => {
      const reason = noCopy ?? whyNot[sensitivity];
      return reason === undefined ? [] : [{ table, column: name, reason }];
    });
  });
}

/** The sealed columns of a table whose values, or whose objects, are in packages. */
export function openedColumns(table: keyof Schema): { name: string; places: readonly SealedAt[] }[] {
  return Object.entries(tableInventory[table].sealed ?? {})
    .map(([name, at]) => ({ name, places: [at].flat() }))
    .filter(({ places }) => places.some((at) => at.isSecret !== true || at.opensObject === true));
}

/** Of a path over another table that table's own column with the owner; `undefined` for a plain column. */
export function ownerInParent(
  table: keyof Schema,
  path: OwnerPath,
): { column: string; parent: keyof Schema; owner: string } | undefined {
  const [column = "", parent] = path.split(">");
  if (parent === undefined) return undefined;
  const kind = Object.entries(tableInventory[table].of).find(([, own]) => own === path)?.[0] as OwnerKind;
  const owner = tableInventory[parent as keyof Schema].of[kind];
  if (owner === undefined) throw new TypeError(`${table} has no ${kind} by ${path}`);
  return { column, parent: parent as keyof Schema, owner };
}
