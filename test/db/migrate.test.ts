import { afterAll, beforeAll, expect, test } from "vitest";

import { migrateToLatest } from "../../db/migrate.ts";
import { migrationTexts } from "../../db/migrations/index.ts";
import { createTestDatabase } from "../support/test-database.ts";
import type { TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const migrate = (texts: Record<string, readonly string[]>) => migrateToLatest(database.urls.owner, texts);

test("a database of this version has nothing left to do", async () => {
  expect(await migrate({ ...migrationTexts })).toEqual([]);
});

test("a migration that was changed after it ran stops the start with what to do", async () => {
  const changed = {
    ...migrationTexts,
    "0004-orders": [...(migrationTexts["0004-orders"] ?? []), "select 1"],
  };
  await expect(migrate(changed)).rejects.toMatchObject({
    code: "db.foreign_schema",
    details: { public: expect.stringContaining("its migration 0004-orders is not the one of this version") },
  });
});

test("a database that lacks an earlier migration stops the start", async () => {
  const { "0012-migration-checksums": last, ...others } = migrationTexts;
  const inserted = { ...others, "0004-between": ["select 1"], "0012-migration-checksums": last ?? [] };
  await expect(migrate(inserted)).rejects.toMatchObject({
    code: "db.foreign_schema",
    details: { public: expect.stringContaining("lacks the migration 0004-between") },
  });
});

test("a database of a newer version stops the start, and is not touched", async () => {
  const newer = { ...migrationTexts, "9999-newer": ["create table newer (id integer)"] };
  expect(await migrate(newer)).toEqual(["9999-newer"]);
  await expect(migrate({ ...migrationTexts })).rejects.toMatchObject({
    details: {
      public: expect.stringContaining("the migration 9999-newer, which this version does not know"),
    },
  });
});
