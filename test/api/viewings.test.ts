import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createApi } from "../../api/app.ts";
import { mountOwnerApi } from "../../api/v1/owner-api.ts";
import { openDatabase } from "../../db/connection.ts";
import { toTypeId } from "../../domain/id.ts";
import { eventually } from "../support/eventually.ts";
import { createOwnerWorld, jpeg } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";
import type { CustomerOf } from "./owner-rows.ts";

const minute = 60_000;

let world: OwnerWorld;
let tenant: Tenant;
let customer: CustomerOf;
beforeAll(async () => {
  world = await createOwnerWorld();
});
beforeEach(async () => {
  tenant = await world.addTenant();
  customer = await world.addCustomer(tenant);
});
afterAll(() => world.close());

const read = (path: string, token = tenant.owner) => world.ask("GET", path, { token });

async function addOrder(of = customer): Promise<string> {
  return `/v1/orders/${toTypeId("ord", (await world.addOrder(of)).orderId)}`;
}

async function withTimePassed<T>(ms: number, fn: () => Promise<T>): Promise<T> {
  world.passTime(ms);
  try {
    return await fn();
  } finally {
    world.passTime(-ms);
  }
}

/** Connections to this world's database that wait for a lock. */
async function countWaiting(): Promise<number> {
  const { rows } = await world.owner.query(
    `select distinct pid from pg_locks join pg_database on pg_database.oid = database
      where not granted and datname = current_database()`,
  );
  return rows.length;
}

describe("a viewing", () => {
  test("is written down once, however often a session's page reads itself again", async () => {
    const order = await addOrder();
    const { evidenceId } = await world.addEvidence(customer, { picture: await jpeg() });
    const conversation = `/v1/conversations/${toTypeId("cus", customer.customerId)}/messages`;
    for (let time = 0; time < 3; time += 1) {
      await read(order);
      const slip = await read(`/v1/payment-evidence/${toTypeId("evd", evidenceId)}`);
      await read(slip.body.picture.url);
      await read(conversation);
      await read("/v1/customers");
    }
    expect(await world.auditOf(tenant.shopId)).toEqual([
      "order.viewed",
      "evidence.viewed",
      "picture.viewed",
      "conversation.viewed",
      "customers.viewed",
    ]);
  });

  test("ends after a quarter of an hour, however often the page was read meanwhile", async () => {
    const order = await addOrder();
    await read(order);
    await withTimePassed(14 * minute, () => read(order));
    expect(await world.auditOf(tenant.shopId)).toHaveLength(1);
    await withTimePassed(16 * minute, () => read(order));
    expect(await world.auditOf(tenant.shopId)).toHaveLength(2);
  });

  test("of another object is another one", async () => {
    for (const order of [await addOrder(), await addOrder()]) await read(order);
    expect(await world.auditOf(tenant.shopId)).toEqual(["order.viewed", "order.viewed"]);
  });

  test("by another person, or by another session of the same person, is another one", async () => {
    const order = await addOrder();
    await read(order);
    await read(order, tenant.staff);
    expect(await world.auditOf(tenant.shopId)).toHaveLength(2);
    await world.owner.query(
      `update sessions set account_id = (select actor_id from audit_events where shop_id = $1 order by id limit 1)
        where account_id = (select actor_id from audit_events where shop_id = $1 order by id desc limit 1)`,
      [tenant.shopId],
    );
    await read(order, tenant.staff);
    expect(await world.auditOf(tenant.shopId)).toHaveLength(3);
  });

  test("by a key is each of its requests", async () => {
    const order = await addOrder();
    for (let time = 0; time < 2; time += 1) await read(order, tenant.key);
    expect(await world.auditOf(tenant.shopId)).toHaveLength(2);
  });

  test("of a list is another one when the list shows somebody else", async () => {
    await read("/v1/customers?limit=1");
    await read("/v1/customers?limit=1");
    await world.addCustomer(tenant);
    await read("/v1/customers?limit=1");
    const { body } = await read("/v1/audit-events?action=customers.viewed");
    expect(body.data.map(({ data }: { data: { count: number } }) => data.count)).toEqual([1, 1]);
  });

  test("is one for all processes of the API, also when they read at the same moment", async () => {
    const order = await addOrder();
    const db = openDatabase({ url: world.database.urls.api, maxConnections: 4, name: "test" });
    const other = createApi({ ...world.deps, db }, [mountOwnerApi]);
    const headers = { authorization: `Bearer ${tenant.owner}` };
    const both = [world.api.app, other.app, world.api.app, other.app];
    // Nobody can write until all have come so far that they would: look, then write.
    await world.owner.query("begin");
    await world.owner.query("lock table audit_events in share mode");
    const asked = both.map(async (app) => app.request(order, { headers }));
    await eventually("all of them wait", async () => (await countWaiting()) === both.length);
    await world.owner.query("commit");
    const answers = await Promise.all(asked);
    await other.drained();
    await db.close();
    expect(answers.map(({ status }) => status)).toEqual(both.map(() => 200));
    expect(await world.auditOf(tenant.shopId)).toEqual(["order.viewed"]);
  });
});
