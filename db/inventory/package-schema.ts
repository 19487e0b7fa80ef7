import { copiedColumns, copiedTables } from "./copied-tables.ts";
import { inventoryTables } from "./list-columns.ts";

const strings = { type: "array", items: { type: "string" } } as const;

/**
 * The JSON Schema (2020-12) of the files of a package, made from the inventory. `package.json` is `#/$defs/package`, a
 * table's file `#/$defs/<table>`. Any value may be null: empty, or erased.
 */
export function packageSchema() {
  const held = new Set(
    (["customer", "account", "participant", "shop", "tenant"] as const).flatMap((kind) =>
      copiedTables({ kind }),
    ),
  );
  const tables = inventoryTables.filter((table) => held.has(table));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A package of what is kept of a person or a shop",
    anyOf: ["package", ...tables].map((name) => ({ $ref: `#/$defs/${name}` })),
    $defs: { package: manifest, ...Object.fromEntries(tables.map((table) => [table, tableSchema(table)])) },
  };
}

function tableSchema(table: Parameters<typeof copiedColumns>[0]) {
  const columns = copiedColumns(table);
  const properties = Object.fromEntries(
    columns.map(({ name, sensitivity, class: retentionClass }) => [
      name,
      { description: `${sensitivity.replaceAll("_", " ")}, class ${retentionClass}` },
    ]),
  );
  const required = columns.map(({ name }) => name);
  const row = { type: "object", properties, required, additionalProperties: false };
  return {
    type: "object",
    properties: { table: { const: table }, rows: { type: "array", items: row } },
    required: ["table", "rows"],
    additionalProperties: false,
  };
}

const manifest = {
  type: "object",
  properties: {
    format: { const: 1 },
    kind: { enum: ["access", "portability"] },
    subject: { type: "string" },
    builtAt: { type: "string" },
    categories: strings,
    purposes: strings,
    sources: strings,
    recipients: strings,
    tables: {
      type: "array",
      items: {
        type: "object",
        properties: {
          folder: { type: "string" },
          table: { type: "string" },
          rows: { type: "integer" },
          files: { type: "integer" },
          unreadable: { type: "integer" },
        },
        required: ["folder", "table", "rows", "files", "unreadable"],
      },
    },
    leftOut: {
      type: "array",
      items: {
        type: "object",
        properties: { table: { type: "string" }, column: { type: "string" }, reason: { type: "string" } },
        required: ["table", "column", "reason"],
      },
    },
  },
  required: [
    "format",
    "kind",
    "subject",
    "builtAt",
    "categories",
    "purposes",
    "sources",
    "recipients",
    "tables",
    "leftOut",
  ],
} as const;
