import { sql } from "kysely";
import { Client, Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { openDatabase } from "../../db/connection.ts";
import { newId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import { createTestDatabase } from "../support/test-database.ts";
import type { TestDatabase } from "../support/test-database.ts";
import { anyRow, listTables, shopColumn } from "./any-rows.ts";
import type { TableFacts } from "./any-rows.ts";
import { fc, runs } from "../support/properties.ts";

const withoutShop = [
  "account_appeals",
  "account_events",
  "account_tokens",
  "accounts",
  "certificate_keys",
  "commissions",
  "fraud_decisions",
  "fraud_flags",
  "incident_events",
  "incidents",
  "invoice_counters",
  "key_epochs",
  "known_devices",
  "mails",
  "migration_checksums",
  "notice_preferences",
  "payout_accounts",
  "payout_events",
  "payout_preferences",
  "payout_uploads",
  "payouts",
  "plan_prices",
  "plans",
  "platform_roles",
  "policy_acceptances",
  "policy_notices",
  "policy_versions",
  "recovery_codes",
  "referral_applications",
  "referral_participants",
  "referral_policies",
  "referral_signals",
  "retention_plan_items",
  "retention_results",
  "retention_runs",
  "second_factors",
  "sessions",
  "sign_in_steps",
  "ticket_messages",
  "tickets",
  "top_up_prices",
  "top_ups",
];
/** All that admins of the platform reach of a shop; nothing here is what a customer wrote or bought. */
const adminTables = [
  "access_review_items", // of the platform's own
  "access_reviews",
  "break_glass_grants", // who asked to read what, and nothing that was read
  "disclosures", // whose data went outside and why, sealed
  "gateway_payments", // those of plans and credits
  "plan_payments",
  "plan_reversal_notes",
  "plan_reversals",
  "privacy_request_events",
  "privacy_requests", // ids, states and dates; what is written with them is sealed elsewhere
  "subscriptions",
  "top_up_payments",
  "upgrade_notes",
  "upgrade_requests",
  "upgrade_uploads",
];
/** Of the platform itself. */
const adminTablesWithoutShop = [
  "account_appeals",
  "commissions",
  "fraud_decisions",
  "fraud_flags",
  "payout_events",
  "payout_uploads",
  "payouts",
  "plan_prices",
  "plans",
  "platform_roles",
  "policy_versions",
  "referral_applications",
  "referral_participants",
  "referral_policies",
  "top_up_prices",
  "top_ups",
];
const shopA = newId<ShopId>();
const shopB = newId<ShopId>();

let database: TestDatabase;
let owner: Client;
let tables: TableFacts[];
let tenantTables: TableFacts[];

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await connect(database.urls.owner);
  tables = await listTables(owner);
  tenantTables = tables.filter(({ name }) => !withoutShop.includes(name));
  await owner.query("set session_replication_role = replica"); // rows of any kind, without what they refer to
  for (const table of tenantTables)
    for (const shopId of [shopA, shopB]) await owner.query(anyRow(table, shopId));
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}

describe("the schema", () => {
  test("names the shop in every table but the listed ones", () => {
    const shopless = tables.filter(
      ({ name, columns }) => !columns.some((column) => column.name === shopColumn(name)),
    );
    expect(shopless.map(({ name }) => name)).toEqual(withoutShop);
    expect(tenantTables.length).toBeGreaterThan(25);
  });

  test("forces row security, with a policy for both tenant logins, on every table of a shop", async () => {
    expect(await listUnguarded()).toEqual([]);
    await owner.query("alter table products no force row level security");
    expect(await listUnguarded()).toEqual(["products"]);
    await owner.query("alter table products force row level security");
  });

  async function listUnguarded(): Promise<string[]> {
    const { rows } = await owner.query<{ name: string }>(
      `select relname as name from pg_class c where relnamespace = 'public'::regnamespace and relname = any ($1)
        and not (relrowsecurity and relforcerowsecurity and exists (
          select from pg_policy p where p.polrelid = c.oid and p.polcmd = '*' and p.polpermissive
            and p.polroles @> array['app_api'::regrole, 'app_worker'::regrole]::oid[]
            and pg_get_expr(p.polqual, p.polrelid) like '%app.shop_id%'
            and pg_get_expr(p.polwithcheck, p.polrelid) like '%app.shop_id%'))`,
      [tenantTables.map(({ name }) => name)],
    );
    return rows.map(({ name }) => name);
  }

  test("has no further policy by which a tenant login could see more", async () => {
    const { rows } = await owner.query(
      `select tablename || ' ' || policyname as policy from pg_policies
        where roles && array['app_api', 'app_worker', 'public']::name[] and policyname <> 'tenant'
          and permissive = 'PERMISSIVE'`,
    );
    expect(rows).toEqual([]);
  });

  test("has policies for admins on what they decide about, and on nothing of a customer", async () => {
    const { rows } = await owner.query<{ name: string }>(
      `select distinct tablename as name from pg_policies where 'app_admin' = any (roles) order by tablename`,
    );
    // Into the log of a shop they write, and read nothing of it.
    expect(rows.map(({ name }) => name)).toEqual(["audit_events", ...adminTables].toSorted());
    const admin = await connect(database.urls.admin);
    for (const { name } of tables) {
      const isReadable = [...adminTablesWithoutShop, ...adminTables].includes(name);
      const read = admin.query(`select * from ${name}`);
      if (isReadable) await expect(read, name).resolves.toBeDefined();
      else await expect(read, name).rejects.toThrow(`permission denied for table ${name}`);
    }
    await admin.end();
  });

  test("carries the shop in every key, and in every reference between tables of a shop", async () => {
    const names = tenantTables.map(({ name }) => name);
    expect(await listLooseKeys(names)).toEqual([]);
    await owner.query("create table loose (id uuid primary key, shop_id uuid, variant_id uuid)");
    await owner.query("alter table variants add constraint loose_id unique (id)");
    await owner.query("alter table loose add foreign key (variant_id) references variants (id)");
    expect(await listLooseKeys([...names, "loose"])).toEqual([
      expect.stringContaining("loose: PRIMARY KEY (id)"),
      expect.stringContaining("loose: FOREIGN KEY (variant_id)"),
    ]);
    await owner.query("drop table loose");
    await owner.query("alter table variants drop constraint loose_id");
  });

  async function listLooseKeys(names: string[]): Promise<string[]> {
    const { rows } = await owner.query<{ key: string }>(
      `select conrelid::regclass || ': ' || pg_get_constraintdef(c.oid) as key from pg_constraint c
        where connamespace = 'public'::regnamespace and conrelid::regclass::text = any ($1)
          and conrelid::regclass::text <> 'shops'
          and case contype
            when 'p' then not exists (select from pg_attribute a
              where a.attrelid = conrelid and a.attnum = conkey[1] and a.attname = 'shop_id')
            when 'f' then confrelid::regclass::text = any ($1) and not exists (
              select from unnest(conkey, confkey) as pair (here, there)
                join pg_attribute a on a.attrelid = conrelid and a.attnum = pair.here
                join pg_attribute b on b.attrelid = confrelid and b.attnum = pair.there
              where a.attname = 'shop_id' and b.attname in ('shop_id', 'id')
                and (b.attname = 'shop_id' or confrelid::regclass::text = 'shops'))
            else false end
          order by contype desc`,
      [names],
    );
    return rows.map(({ key }) => key);
  }

  test("lets nobody but the keyring read wrapped keys", async () => {
    const { rows } = await owner.query<{ who: string }>(
      `select rolname as who from unnest(array['app_api', 'app_worker', 'app_system', 'app_admin']) as r (rolname)
        where has_column_privilege(rolname, 'subject_keys', 'wrapped', 'select')`,
    );
    expect(rows).toEqual([]);
    const client = await connect(database.urls.api);
    await expect(client.query("select * from subject_keys")).rejects.toThrow(
      "permission denied for table subject_keys",
    );
    await client.end();
  });

  test("makes no login a superuser, an owner of tables, or free of row security", async () => {
    const { rows } = await owner.query(
      `select rolname from pg_roles where rolname in ('app_api', 'app_worker', 'app_admin', 'app_system', 'keyring')
        and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb
          or exists (select from pg_class where relowner = pg_roles.oid))`,
    );
    expect(rows).toEqual([]);
  });
});

describe.each(["api", "worker"] as const)("the login of the %s", (login) => {
  let client: Client;
  beforeAll(async () => {
    client = await connect(database.urls[login]);
  });
  afterAll(() => client.end());

  async function as<T>(shopId: string | null, work: () => Promise<T>): Promise<T> {
    await client.query("begin");
    try {
      if (shopId !== null) await client.query("select set_config('app.shop_id', $1, true)", [shopId]);
      return await work();
    } finally {
      await client.query("rollback");
    }
  }

  async function mayDo(what: string): Promise<TableFacts[]> {
    const { rows } = await client.query<{ name: string }>(
      "select name from unnest($1::text[]) as t (name) where has_table_privilege(name, $2)",
      [tenantTables.map(({ name }) => name), what],
    );
    return tenantTables.filter(({ name }) => rows.some((row) => row.name === name));
  }

  /** Tables of which other rows are seen than those of `expected`. */
  async function listLeaks(shopId: string | null, expected: string[]): Promise<string[]> {
    const leaks: string[] = [];
    for (const { name } of await mayDo("select")) {
      const { rows } = await as(shopId, () =>
        client.query<{ id: string }>(`select ${shopColumn(name)} as id from ${name}`),
      );
      if (JSON.stringify(rows.map(({ id }) => id)) !== JSON.stringify(expected)) leaks.push(name);
    }
    return leaks;
  }

  test("sees the rows of its shop only, in every table", async () => {
    expect((await mayDo("select")).length).toBeGreaterThan(15);
    expect(await listLeaks(shopA, [shopA])).toEqual([]);
    expect(await listLeaks(shopB, [shopB])).toEqual([]);
  });

  test("sees nothing without a shop, with an empty one, or with a strange one", async () => {
    for (const shopId of [null, "", newId<string>()]) expect(await listLeaks(shopId, [])).toEqual([]);
  });

  test("is found out when a table loses its row security", async () => {
    await owner.query("alter table orders disable row level security");
    expect(await listLeaks(shopA, [shopA])).toEqual(["orders"]);
    await owner.query("alter table orders enable row level security");
  });

  test("cannot insert a row of another shop, into any table", async () => {
    const tried = await mayDo("insert");
    expect(tried.length).toBeGreaterThan(10);
    for (const table of tried) {
      const insert = as(shopA, () => client.query(anyRow(table, shopB)));
      await expect(insert, table.name).rejects.toThrow(`row-level security policy for table "${table.name}"`);
    }
  });

  test("cannot change, delete or give away rows across shops", async () => {
    for (const { name } of await mayDo("update")) {
      const column = shopColumn(name);
      const taken = await as(shopA, () =>
        client.query(`update ${name} set ${column} = ${column} where ${column} = $1`, [shopB]),
      );
      expect({ name, taken: taken.rowCount }).toEqual({ name, taken: 0 });
      const given = as(shopA, () =>
        client.query(`update ${name} set ${column} = $1 where ${column} = $2`, [shopB, shopA]),
      );
      await expect(given, name).rejects.toThrow("row-level security policy");
    }
    for (const { name } of await mayDo("delete")) {
      const deleted = await as(shopA, () =>
        client.query(`delete from ${name} where ${shopColumn(name)} = $1`, [shopB]),
      );
      expect({ name, deleted: deleted.rowCount }).toEqual({ name, deleted: 0 });
    }
  });
});

describe("withShop", () => {
  const shops = Array.from({ length: 8 }, () => newId<ShopId>());
  const step = fc.record({
    shop: fc.integer({ min: -1, max: shops.length - 1 }),
    end: fc.constantFrom("commit", "throw", "sql error", "two reads"),
  });
  type Step = { shop: number; end: "commit" | "throw" | "sql error" | "two reads" };
  type Enter = (
    shopId: ShopId | null,
    work: (read: () => Promise<string[]>, fail: () => Promise<unknown>) => Promise<void>,
  ) => Promise<void>;

  beforeAll(async () => {
    const products = tables.find(({ name }) => name === "products");
    if (products) for (const shopId of shops) await owner.query(anyRow(products, shopId));
  });

  /** Runs all at once on few connections, with errors of every kind amid them; rejects when one saw another's rows. */
  async function runSteps(enter: Enter, steps: Step[]): Promise<void> {
    const crossed: unknown[] = [];
    const run = async ({ shop, end }: Step) => {
      const shopId = shops[shop] ?? null;
      const expected = shopId === null ? [] : [shopId];
      await enter(shopId, async (read, fail) => {
        const look = async () => {
          const seen = await read();
          if (JSON.stringify(seen) !== JSON.stringify(expected)) crossed.push({ shopId, seen });
        };
        await look();
        if (end === "throw") throw new Error("as planned");
        if (end === "sql error") await fail();
        if (end === "two reads") await look();
      }).catch(() => undefined);
    };
    await Promise.all(steps.map(run));
    expect(crossed).toEqual([]);
  }

  const property = (enter: Enter) =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => runSteps(enter, steps)),
      { numRuns: runs(60) },
    );

  test("never lets eight tenants on two connections see each other's rows, whatever fails", async () => {
    const db = openDatabase({ url: database.urls.api, maxConnections: 2, name: "test" });
    await property((shopId, work) => {
      const inside = (trx: Parameters<Parameters<typeof db.withoutShop>[0]>[0]) =>
        work(
          async () =>
            (await trx.selectFrom("products").select("shop_id").execute()).map((row) => row.shop_id),
          () => sql`select 1 / 0`.execute(trx),
        );
      return shopId === null ? db.withoutShop(inside) : db.withShop(shopId, inside);
    });
    await db.close();
  }, 60_000);

  test("would be found out if the shop stayed set on the connection", async () => {
    const pool = new Pool({ connectionString: database.urls.api, max: 2 });
    const leaky: Enter = async (shopId, work) => {
      const client = await pool.connect();
      try {
        if (shopId !== null) await client.query("select set_config('app.shop_id', $1, false)", [shopId]);
        await work(
          async () =>
            (await client.query<{ shop_id: string }>("select shop_id from products")).rows.map(
              (row) => row.shop_id,
            ),
          () => client.query("select 1 / 0"),
        );
      } finally {
        client.release();
      }
    };
    await expect(property(leaky)).rejects.toThrow("Property failed");
    await pool.end();
  }, 60_000);
});
