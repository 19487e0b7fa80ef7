import { afterAll, beforeAll, expect, test } from "vitest";

import type { Complete } from "../../db/inventory/describe-table.ts";
import { tableInventory } from "../../db/inventory/index.ts";
import { inventoryTables, listColumns } from "../../db/inventory/list-columns.ts";
import { dataPurposes } from "../../domain/privacy/data-purpose.ts";
import { operationPurposes } from "../../domain/privacy/process-purposes.ts";
import { mountAdminApi } from "../../api/v1/admin/admin-api.ts";
import { mountOwnerApi } from "../../api/v1/owner-api.ts";
import { createApiWorld } from "./api-world.ts";
import type { ApiWorld } from "./api-world.ts";

/** What the migrator itself keeps: names, hashes and times of migrations. */
const ofMigrator = ["kysely_migration", "kysely_migration_lock", "migration_checksums"];

let world: ApiWorld;
beforeAll(async () => {
  world = await createApiWorld([mountOwnerApi, mountAdminApi]);
});
afterAll(() => world.close());

type Column = { table: string; column: string; type: string };

/** As the migrated database has them. */
async function listRealColumns(): Promise<Column[]> {
  const { rows } = await world.owner.query<Column>(
    `select c.table_name as "table", c.column_name as "column", c.data_type as type
     from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and not c.table_name = any ($1)`,
    [ofMigrator],
  );
  return rows;
}

type Published = { tables: { name: string; columns: { name: string }[] }[] };

async function readPublished(): Promise<Published> {
  const answer = await world.api.app.request("/v1/data-inventory");
  expect(answer.status).toBe(200);
  return (await answer.json()) as Published;
}

/** Columns that only one of the two knows. */
async function findDrift(): Promise<string[]> {
  const { tables } = await readPublished();
  const published = tables.flatMap(({ name, columns }) => columns.map((column) => `${name}.${column.name}`));
  const real = (await listRealColumns()).map(({ table, column }) => `${table}.${column}`);
  return [
    ...real.filter((name) => !published.includes(name)),
    ...published.filter((name) => !real.includes(name)),
  ];
}

test("P:MIK-02 the published inventory is what the database has, column by column", async () => {
  expect(await findDrift()).toEqual([]);
  expect((await listRealColumns()).length).toBeGreaterThan(700);
});

test("P:ONA-11 a column that a migration adds without an entry is named", async () => {
  await world.owner.query("alter table orders add column customer_email text");
  try {
    expect(await findDrift()).toEqual(["orders.customer_email"]);
  } finally {
    await world.owner.query("alter table orders drop column customer_email");
  }
});

test("a table or a column of the schema without an entry is a type error", () => {
  type Table = { id: string; name: string };
  const rest = { of: {}, purposes: ["order"], class: "order.finance" } as const;
  const whole = { ...rest, ids: "id", business: "name" } as const;
  const short = { ...rest, ids: "id" } as const;
  const long = { ...rest, ids: "id", business: "name nick" } as const;
  whole satisfies Complete<Table, typeof whole>;
  // @ts-expect-error -- name has no entry
  short satisfies Complete<Table, typeof short>;
  // @ts-expect-error -- there is no nick
  long satisfies Complete<Table, typeof long>;
});

test("each column has one entry, and what is sealed is bytes", async () => {
  const types = new Map((await listRealColumns()).map((real) => [`${real.table}.${real.column}`, real.type]));
  for (const table of inventoryTables) {
    const columns = listColumns(table);
    expect({ [table]: columns.map(({ name }) => name) }).toEqual({
      [table]: [...new Set(columns.map(({ name }) => name))],
    });
    for (const { name } of columns.filter(({ sensitivity }) => sensitivity === "sealed"))
      expect({ [`${table}.${name}`]: types.get(`${table}.${name}`) }).toEqual({
        [`${table}.${name}`]: "bytea",
      });
  }
});

test("owners, places and classes are of columns that are there", async () => {
  const real = new Set((await listRealColumns()).map(({ table, column }) => `${table}.${column}`));
  const wrong: string[] = [];
  const demand = (table: string, column: string) => {
    if (!real.has(`${table}.${column}`)) wrong.push(`${table}.${column}`);
  };
  for (const table of inventoryTables) {
    const { of, keeps = {}, sealed = {} } = tableInventory[table];
    const places = Object.values(sealed).flat();
    for (const path of [...Object.values(of), ...places.map(({ subject }) => subject)].join("|").split("|")) {
      const [column = "", parent] = path.split(">");
      if (path !== "") demand(table, column);
      if (parent !== undefined) demand(parent, "id");
    }
    for (const { row = "id", purpose, when = {} } of places)
      for (const column of [
        row,
        ...Object.keys(when),
        ...(typeof purpose === "string" ? [] : [purpose.column]),
      ])
        demand(table, column);
    for (const columns of Object.values(keeps))
      for (const column of columns.split(" ")) demand(table, column);
  }
  expect(wrong).toEqual([]);
});

test("P:ONA-14 P:OCH-09 P:UMA-08 P:UMA-42 the published purposes are the closed list, each with its basis and all that serves it", async () => {
  const answer = await world.api.app.request("/v1/data-purposes");
  const { data } = (await answer.json()) as {
    data: { purpose: string; basis: string; processes: object[] }[];
  };
  expect(Object.fromEntries(data.map(({ purpose, basis }) => [purpose, basis]))).toEqual(
    Object.fromEntries(Object.entries(dataPurposes).map(([purpose, { basis }]) => [purpose, basis])),
  );
  expect(data.find(({ purpose }) => purpose === "referral")?.processes).toContainEqual({
    kind: "workflow",
    name: "referralPayout",
  });
});

test("P:ONA-14 every operation of the API is of a group that has declared its purposes", async () => {
  const answer = await world.api.app.request("/openapi.json");
  const { paths } = (await answer.json()) as {
    paths: Record<string, Record<string, { operationId: string; tags?: string[] }>>;
  };
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  expect(operations.length).toBeGreaterThan(100);
  const undeclared = operations
    .filter(({ tags = [] }) => !tags.some((tag) => tag in operationPurposes))
    .map(({ operationId, tags }) => `${operationId} ${String(tags)}`);
  expect(undeclared).toEqual([]);
});
