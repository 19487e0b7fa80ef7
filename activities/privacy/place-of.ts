import { platformShopId } from "../../db/accounts.ts";
import type { SealedAt } from "../../db/inventory/describe-table.ts";
import type { SubjectRow } from "../../db/subject-rows.ts";
import type { ShopId, SubjectId } from "../../domain/id.ts";
import type { Purpose, SealedPlace } from "../../domain/sealing.ts";

/** Where the inventory says that a column of the row is sealed; as `listSubjectRows` read the row. */
export function placeOf(row: SubjectRow, column: string, at: SealedAt): SealedPlace {
  const { field, purpose, subject, row: rowColumn = "id" } = at;
  return {
    shopId: textOf(row["shop_id"] ?? platformShopId) as ShopId,
    subjectId: textOf(row[`owner:${column}`] ?? row[subject]) as SubjectId,
    purpose: (typeof purpose === "string" ? purpose : row[purpose.column]) as Purpose,
    field,
    rowId: textOf(row[rowColumn]),
  };
}

function textOf(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("a place is named by ids");
  return value;
}
