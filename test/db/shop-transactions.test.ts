import { sql } from "kysely";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

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
  db = openDatabase({ url: database.urls.api, maxConnections: 1, name: "test" });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const currentShop = async (trx: ShopTransaction) => {
  const { rows } = await sql<{ shop: string | null }>`
    select nullif(current_setting('app.shop_id', true), '') as shop`.execute(trx);
  return rows[0]?.shop ?? null;
};

test("binds a transaction to its shop, and its connection to none afterwards", async () => {
  const shopId = newId<ShopId>();
  expect(await db.withShop(shopId, currentShop)).toBe(shopId);
  expect(await db.withShopSnapshot(shopId, currentShop)).toBe(shopId);
  expect(await db.withoutShop(currentShop)).toBeNull();
});

test("begins a shop's transaction at once while another shop has more to do than there are connections", async () => {
  const crowded = openDatabase({ url: database.urls.api, maxConnections: 2, name: "test" });
  const [busy, quiet] = [newId<ShopId>(), newId<ShopId>()];
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const flood = Array.from({ length: 4 }, () => crowded.withShop(busy, () => held));
  expect(await crowded.withShop(quiet, currentShop)).toBe(quiet);
  expect(crowded.pool().waiting).toBe(3);
  release();
  await Promise.all(flood);
  await crowded.close();
});

test("leaves nothing behind on the connection when the work fails", async () => {
  const shopId = newId<ShopId>();
  const failing = db.withShop(shopId, async (trx) => {
    await sql`select no_such_column`.execute(trx);
  });
  await expect(failing).rejects.toMatchObject({ code: "42703" });
  expect(await db.withoutShop(currentShop)).toBeNull();
});

test("refuses a query that comes after the end of its transaction", async () => {
  const kept: ShopTransaction[] = [];
  await db.withShop(newId<ShopId>(), async (trx) => {
    await currentShop(trx);
    kept.push(trx);
  });
  const [ended] = kept;
  if (!ended) throw new Error("no transaction was kept");
  await db.withShop(newId<ShopId>(), async () => {
    await expect(currentShop(ended)).rejects.toThrow("after the end");
  });
});

test("takes nothing but a uuid for a shop", async () => {
  const shopId = "'; drop table shops; --" as ShopId;
  await expect(db.withShop(shopId, currentShop)).rejects.toThrow(TypeError);
});

test("reads a snapshot of one instant", async () => {
  const isolation = await db.withShopSnapshot(newId<ShopId>(), async (trx) => {
    const { rows } = await sql<{
      level: string;
    }>`select current_setting('transaction_isolation') as level`.execute(trx);
    return rows[0]?.level;
  });
  expect(isolation).toBe("repeatable read");
});

test.each([
  ["a serialisation failure", "40001"],
  ["a deadlock", "40P01"],
])("runs a transaction again after %s, and gives up after the fourth time", async (_how, code) => {
  let failures = 3;
  let runs = 0;
  const work = () =>
    db.withShop(newId<ShopId>(), async (trx) => {
      runs += 1;
      if (runs <= failures)
        await sql.raw(`do $$ begin raise 'lost' using errcode = '${code}'; end $$`).execute(trx);
      return "done";
    });
  expect(await work()).toBe("done");
  expect(runs).toBe(4);
  failures = 100;
  await expect(work()).rejects.toMatchObject({ code });
  expect(runs).toBe(8);
});

test("goes on when a newer release adds a column to a table that it reads", async () => {
  const owner = new Client({ connectionString: database.urls.owner });
  await owner.connect();
  const shopId = newId<ShopId>();
  const read = () =>
    db.withShop(shopId, (trx) => trx.selectFrom("shops").selectAll().where("id", "=", shopId).execute());
  for (let time = 0; time < 2; time += 1) await read();
  await owner.query("alter table shops add column newer_release int");
  await owner.end();
  expect(await read()).toEqual([]);
});
