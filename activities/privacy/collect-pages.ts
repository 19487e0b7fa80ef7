import { openedColumns } from "../../db/inventory/copied-tables.ts";
import type { SealedAt } from "../../db/inventory/describe-table.ts";
import type { Schema } from "../../db/schema/index.ts";
import { findPageKey, listSubjectRows } from "../../db/subject-rows.ts";
import type { RowMark, RowsWanted, SubjectRow } from "../../db/subject-rows.ts";
import { AppError } from "../../domain/app-error.ts";
import type { ObjectId } from "../../domain/id.ts";
import type { Sealed, SealedPlace } from "../../domain/sealing.ts";
import type { PackageDeps } from "./package-deps.ts";
import type { PackageScope } from "./package-scopes.ts";
import { placeOf } from "./place-of.ts";

/** Rows that are read, opened and written at once: with long messages some megabytes. */
const rowsAPage = 2_000;

/** Null where the value's key is destroyed. */
export type OpenedRow = Record<string, unknown>;
export type RowPage = {
  scope: PackageScope;
  table: keyof Schema;
  /** From 1. */
  part: number;
  rows: OpenedRow[];
  files: { objectId: ObjectId; key: Buffer }[];
  /** Values that are damaged, and stand as null. */
  unreadable: number;
};

/** Every row of the scope, page by page; a table without rows has no page. */
export async function* collectPages(deps: PackageDeps, scope: PackageScope): AsyncGenerator<RowPage> {
  const { shopId, holder } = scope;
  for (const table of scope.tables) {
    const key = await deps.db.withShop(shopId, (trx) => findPageKey(trx, table));
    let after: RowMark | null = null;
    for (let part = 1; part === 1 || after !== null; part += 1) {
      const wanted: RowsWanted = { table, shopId, holder, key, after, limit: rowsAPage };
      const page = await deps.db.withShop(shopId, (trx) => listSubjectRows(trx, wanted));
      if (page.rows.length > 0) yield { scope, table, part, ...(await openRows(deps, table, page.rows)) };
      after = page.next;
    }
  }
}

type SealedCell = { row: number; name: string; at: SealedAt; place: SealedPlace; sealed: Sealed };

async function openRows(
  deps: PackageDeps,
  table: keyof Schema,
  rows: readonly SubjectRow[],
): Promise<Pick<RowPage, "rows" | "files" | "unreadable">> {
  const cells = rows.flatMap((row, index) => sealedCells(table, row, index));
  const plain = rows.map((row) => withoutSealed(table, row));
  const files: RowPage["files"] = [];
  const { values, unreadable } = await openCells(deps, cells);
  for (const [index, value] of values.entries()) {
    const cell = cells[index];
    const row = cell && plain[cell.row];
    if (cell === undefined || row === undefined) continue;
    if (cell.at.opensObject !== true) row[cell.name] = readValue(value);
    else if (value !== undefined) files.push({ objectId: String(row["id"]) as ObjectId, key: value });
  }
  if (unreadable > 0) deps.log.error({ table, count: unreadable }, "package.values_unreadable");
  return { rows: plain, files, unreadable };
}

/** In one batch; when it fails, one by one: a damaged value must not keep somebody from all the others. */
async function openCells(
  { sealer }: PackageDeps,
  cells: readonly SealedCell[],
): Promise<{ values: (Buffer | undefined)[]; unreadable: number }> {
  try {
    return { values: await sealer.open([...cells]), unreadable: 0 };
  } catch (error) {
    if (isAway(error)) throw error;
  }
  const values: (Buffer | undefined)[] = [];
  let unreadable = 0;
  for (const cell of cells) {
    try {
      values.push(...(await sealer.open([cell])));
    } catch (error) {
      if (isAway(error)) throw error;
      values.push(undefined);
      unreadable += 1;
    }
  }
  return { values, unreadable };
}

function isAway(error: unknown): boolean {
  return error instanceof AppError && error.kind === "unavailable";
}

function sealedCells(table: keyof Schema, row: SubjectRow, index: number): SealedCell[] {
  return openedColumns(table).flatMap(({ name, places }) => {
    const at = places.find(({ when = {} }) =>
      Object.entries(when).every(([column, value]) => row[column] === value),
    );
    const sealed = row[name];
    if (at === undefined || !Buffer.isBuffer(sealed)) return [];
    return [{ row: index, name, at, place: placeOf(row, name, at), sealed: sealed as Sealed }];
  });
}

function withoutSealed(table: keyof Schema, row: SubjectRow): OpenedRow {
  const opened = openedColumns(table);
  const keys = new Set(
    opened.filter(({ places }) => places.every((at) => at.opensObject)).map(({ name }) => name),
  );
  const shown = Object.entries(row).filter(([name]) => !name.startsWith("owner:") && !keys.has(name));
  const sealed = new Set(opened.map(({ name }) => name));
  return Object.fromEntries(shown.map(([name, value]) => [name, sealed.has(name) ? null : value]));
}

/** What is sealed as JSON comes out as it was. */
function readValue(plaintext: Buffer | undefined): unknown {
  const text = plaintext?.toString("utf8");
  if (text === undefined || !/^[[{]/u.test(text)) return text ?? null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
