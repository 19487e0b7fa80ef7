import { afterAll, beforeAll, expect, test } from "vitest";
import { sql } from "kysely";

import { openDatabase } from "../../db/connection.ts";
import type { Database, ShopTransaction } from "../../db/connection.ts";
import { newId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import { createTestDatabase } from "../support/test-database.ts";
import type { TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase({ url: database.urls.owner, maxConnections: 3, name: "test" });
  await db.withoutShop((trx) => sql`create table notes (text text)`.execute(trx));
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const shopId = newId<ShopId>();
const count = async (trx: ShopTransaction) =>
  (await sql<{ count: number }>`select count(*)::int as count from notes`.execute(trx)).rows[0]?.count;
const add = () => db.withoutShop((trx) => sql`insert into notes values ('one more')`.execute(trx));

test("a snapshot sees nothing of what is committed while it reads; another transaction does", async () => {
  const read = async (trx: ShopTransaction) => {
    const before = await count(trx);
    await add();
    return [before, await count(trx)];
  };
  expect(await db.withShopSnapshot(shopId, read)).toEqual([0, 0]);
  expect(await db.withShop(shopId, read)).toEqual([1, 2]);
});
