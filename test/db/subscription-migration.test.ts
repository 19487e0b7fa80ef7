import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

import { migrateToLatest } from "../../db/migrate.ts";
import { migrationTexts } from "../../db/migrations/index.ts";
import { newId } from "../../domain/id.ts";
import { defaultSubscriptionTimings } from "../../domain/subscription/timings.ts";
import { createTestDatabase } from "../support/test-database.ts";
import type { TestDatabase } from "../support/test-database.ts";

const name = "0026-subscription-process";
let database: TestDatabase;
let owner: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  owner = new Client({ connectionString: database.urls.owner });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

test("knows of a shop that has paid before which of its payments run, and gives it all its time", async () => {
  await owner.query("drop schema public cascade");
  await owner.query("create schema public");
  const before = Object.entries(migrationTexts).filter(([other]) => other < name);
  await migrateToLatest(database.urls.owner, Object.fromEntries(before));
  await owner.query("set session_replication_role = replica"); // without what the rows refer to
  const shopId = newId<string>();
  await owner.query(
    `insert into subscriptions (shop_id, plan_code, plan_version, state, starts_at, ends_at, worth_minor, currency, updated_at)
      values ($1, 'growth', 1, 'active', '2026-11-10', '2027-01-10', 250000, 'MMK', now())`,
    [shopId],
  );
  for (const [plan, amount, paidAt] of [
    ["starter", 45_000, "2026-11-01"],
    ["growth", 120_000, "2026-11-10"],
    ["growth", 120_000, "2026-11-20"],
  ]) {
    await owner.query(
      `insert into plan_payments (shop_id, id, request_id, plan_code, plan_version, amount_minor, currency, payer_account_id, paid_at)
        values ($1, gen_random_uuid(), gen_random_uuid(), $2, 1, $3, 'MMK', gen_random_uuid(), $4)`,
      [shopId, plan, amount, paidAt],
    );
  }

  await migrateToLatest(database.urls.owner);

  const payments = await owner.query("select plan_code, worth_minor from plan_payments order by paid_at");
  expect(payments.rows).toEqual([
    { plan_code: "starter", worth_minor: "0" },
    { plan_code: "growth", worth_minor: "120000" },
    { plan_code: "growth", worth_minor: "120000" },
  ]);
  const { rows } = await owner.query<{ timings: object; is_fresh: boolean }>(
    "select timings, state_since > now() - interval '1 minute' as is_fresh from subscriptions",
  );
  expect(rows).toEqual([{ timings: defaultSubscriptionTimings, is_fresh: true }]);
  const { rows: unforced } = await owner.query(
    "select relname from pg_class where relname in ('subscriptions', 'plan_payments') and not relforcerowsecurity",
  );
  expect(unforced).toEqual([]);
});
