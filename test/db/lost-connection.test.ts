import { sql } from "kysely";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

import { openDatabase } from "../../db/connection.ts";
import type { Database } from "../../db/connection.ts";
import { newId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import { eventually } from "../support/eventually.ts";
import { createTestDatabase } from "../support/test-database.ts";
import type { TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
let db: Database;
let owner: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase({ url: database.urls.api, maxConnections: 2, name: "test" });
  owner = new Client({ connectionString: database.urls.owner });
  await owner.connect();
});
afterAll(async () => {
  await Promise.all([db.close(), owner.end()]);
  await database.drop();
});

const backends = async () =>
  (
    await owner.query("select pid from pg_stat_activity where usename = 'app_api' and datname = $1", [
      database.name,
    ])
  ).rows;

test("a connection that Postgres ends between two statements fails its transaction, not the process", async () => {
  const work = db.withShop(newId<ShopId>(), async (trx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
    await owner.query("select pg_terminate_backend($1)", [rows[0]?.pid]);
    await eventually("the backend is gone", async () => (await backends()).length === 0);
    await sql`select 1`.execute(trx);
  });
  await expect(work).rejects.toMatchObject({ kind: "unavailable" });
  await db.ping();
});

test("a lock that is not to be had in time is an outage, to be tried again", async () => {
  await owner.query("begin");
  await owner.query("select pg_advisory_xact_lock(1)");
  const work = db.withShop(newId<ShopId>(), async (trx) => {
    await sql`set local lock_timeout = 50`.execute(trx);
    await sql`select pg_advisory_xact_lock(1)`.execute(trx);
  });
  await expect(work).rejects.toMatchObject({ kind: "unavailable", code: "db.away" });
  await owner.query("rollback");
});

test("an answer that does not come in time is an outage too", async () => {
  const work = db.withShop(newId<ShopId>(), async (trx) => {
    await sql`set local statement_timeout = 50`.execute(trx);
    await sql`select pg_sleep(5)`.execute(trx);
  });
  await expect(work).rejects.toMatchObject({ kind: "unavailable", code: "db.away" });
});
