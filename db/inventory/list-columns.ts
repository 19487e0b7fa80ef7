import type { RetentionClass } from "../../domain/privacy/retention-class.ts";
import type { Schema } from "../schema/index.ts";
import { columnLists } from "./describe-table.ts";
import type { ColumnList } from "./describe-table.ts";
import { tableInventory } from "./index.ts";

export type Sensitivity = "sealed" | "blind_index" | "pseudonymous_id" | "credential" | "plain";

export type InventoryColumn = {
  name: string;
  class: RetentionClass;
  sensitivity: Sensitivity;
  /** Of plain ones, why nothing of a person is in it. */
  why: string | null;
};

const meanings: Record<ColumnList | "computedIds", { sensitivity: Sensitivity; why: string | null }> = {
  index: { sensitivity: "blind_index", why: null },
  ids: { sensitivity: "pseudonymous_id", why: null },
  computedIds: { sensitivity: "pseudonymous_id", why: null },
  secrets: { sensitivity: "credential", why: null },
  codes: { sensitivity: "plain", why: "words of a closed list" },
  facts: { sensitivity: "plain", why: "times, counts, amounts, yes or no" },
  business: { sensitivity: "plain", why: "what a shop or the platform says of its business" },
  marks: { sensitivity: "plain", why: "keeps a thing from being done twice" },
};

export const inventoryTables = Object.keys(tableInventory).toSorted() as (keyof Schema)[];

/** Every column of the table, in the order of the inventory. */
export function listColumns(table: keyof Schema): InventoryColumn[] {
  const entry = tableInventory[table];
  const kept = new Map(
    Object.entries(entry.keeps ?? {}).flatMap(([name, columns]) =>
      words(columns).map((column) => [column, name as RetentionClass]),
    ),
  );
  const sealed = Object.entries(entry.sealed ?? {}).map(([name, at]) => ({
    name,
    sensitivity: [at].flat().every(({ isSecret }) => isSecret === true)
      ? ("credential" as const)
      : ("sealed" as const),
    why: null,
  }));
  const listed = [...columnLists, "computedIds" as const].flatMap((list) =>
    words(entry[list] ?? "").map((name) => ({ name, ...meanings[list] })),
  );
  return [...sealed, ...listed].map((column) => ({ ...column, class: kept.get(column.name) ?? entry.class }));
}

function words(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== "");
}
