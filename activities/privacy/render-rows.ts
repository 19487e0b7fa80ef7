import { stringify } from "csv-stringify/sync";

import type { OpenedRow } from "./collect-pages.ts";

/** As it stands in files: bytes as hexadecimal, times in UTC. */
export function toPlainRow(row: OpenedRow): OpenedRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toPlain(value)]));
}

function toPlain(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString("hex");
  if (value instanceof Date) return value.toISOString();
  return value;
}

export function renderJson(table: string, rows: readonly OpenedRow[]): string {
  return `${JSON.stringify({ table, rows }, null, 1)}\n`;
}

/** Signs with which a spreadsheet begins a formula, as OWASP lists them, and their wide forms. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/u;

/** With a byte order mark, for spreadsheets; a text that one would take for a formula begins with an apostrophe. */
export function renderCsv(rows: readonly OpenedRow[]): string {
  const cells = rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toSafeCell(value)])),
  );
  return stringify(cells, { header: true, bom: true });
}

function toSafeCell(value: unknown): string {
  const cell = toCell(value);
  return typeof value !== "number" && formula.test(cell) ? `'${cell}` : cell;
}

function toCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function renderHtmlRows(rows: readonly OpenedRow[]): string {
  const names = Object.keys(rows[0] ?? {}).filter((name) => rows.some((row) => toCell(row[name]) !== ""));
  const line = (tag: string, cells: string[]) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  const body = rows.map((row) =>
    line(
      "td",
      names.map((name) => toCell(row[name])),
    ),
  );
  return `<table>${line("th", names)}${body.join("")}</table>`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
