import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { tellOfBreakGlass } from "../../activities/upkeep/tell-of-break-glass.ts";
import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { platformShopId } from "../../db/accounts.ts";
import { fromTypeId, toTypeId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import { upkeepDeps } from "../activities/upkeep-deps.ts";
import { sweepTimes } from "./every-operation.ts";
import { meet } from "./meet.ts";
import type { CustomerOf } from "./owner-rows.ts";
import type { Answer, Tenant } from "./owner-world.ts";
import { createUpgradeWorld } from "./upgrade-world.ts";
import type { UpgradeWorld } from "./upgrade-world.ts";

const minute = 60_000;
const base = "/v1/compliance/break-glass-grants";

type Admin = Awaited<ReturnType<UpgradeWorld["addAdmin"]>>;

let world: UpgradeWorld;
let asks: Admin;
let approves: Admin;
let tenant: Tenant;
let customer: CustomerOf;
beforeAll(async () => {
  world = await createUpgradeWorld(createRateLimits(sweepTimes));
});
beforeEach(async () => {
  [asks, approves] = [await world.addAdmin("compliance"), await world.addAdmin("platform_admin")];
  tenant = await world.addTenant();
  customer = await world.addCustomer(tenant);
});
afterAll(() => world.close());

function say({ token }: Pick<Admin, "token">, path: string, body?: object, key: string = randomUUID()) {
  const headers = { "idempotency-key": key };
  return world.ask("POST", path, { token, headers, ...(body === undefined ? {} : { body }) });
}

async function request(more: object = {}): Promise<string> {
  const { status, body } = await say(asks, base, {
    shopId: toTypeId("shop", tenant.shopId),
    scopes: ["conversations.read", "orders.read"],
    reason: "A customer says that the agent insulted her.",
    ...more,
  });
  expect(status).toBe(201);
  return body.id;
}

const tell = () => tellOfBreakGlass(upkeepDeps(world));

async function open(more: object = {}): Promise<string> {
  const id = await request(more);
  expect((await say(approves, `${base}/${id}/approve`)).body).toMatchObject({ state: "approved" });
  await tell();
  return id;
}

const chat = () => `/v1/conversations/${toTypeId("cus", customer.customerId)}/messages`;

function read(grant: string | undefined, path = chat(), { token } = asks): Promise<Answer> {
  return world.ask("GET", path, {
    token,
    headers: grant === undefined ? {} : { "shopthread-break-glass": grant },
  });
}

const codeOf = ({ status, body }: Answer) => `${status} ${body.code ?? ""}`.trim();

async function log(shopId: ShopId, action: string) {
  const { rows } = await world.owner.query(
    `select actor_kind, actor_id, subject_id, resource_id, data from audit_events
      where shop_id = $1 and action = $2 order by id`,
    [shopId, action],
  );
  return rows;
}

async function noticesOf(shopId: ShopId) {
  const { rows } = await world.owner.query<{ kind: string; data: object }>(
    "select kind, data from owner_notices where shop_id = $1 and kind like 'break_glass%' order by id",
    [shopId],
  );
  return rows;
}

describe("M:ONAMI-36 P:ONA-24 P:MIK-50 an admin", () => {
  test("without a grant opens no chat, and the try stands in the platform's log", async () => {
    expect(codeOf(await read(undefined))).toBe("403 shop.none");
    await read(undefined);
    const tries = (await log(platformShopId, "access.refused")).filter(
      ({ actor_id: id }) => id === asks.accountId,
    );
    expect(tries).toEqual([
      expect.objectContaining({
        actor_kind: "admin",
        subject_id: customer.customerId,
        data: { route: "GET /v1/conversations/{cus}/messages" },
      }),
    ]);
  });

  test("has logins to the database that show neither wrapped keys nor what a customer wrote", async () => {
    const { admin, api } = world.database.urls;
    for (const [url, table] of [
      [api, "subject_keys"],
      [admin, "subject_keys"],
      [admin, "messages"],
      [admin, "orders"],
    ] as const) {
      const client = new Client({ connectionString: url });
      await client.connect();
      await expect(client.query(`select * from ${table}`)).rejects.toThrow(
        `permission denied for table ${table}`,
      );
      await client.end();
    }
  });

  test("reads with a grant that another one approved and of which the owner was told, and each read is in the shop's log", async () => {
    const id = await request();
    expect(codeOf(await read(id))).toBe("403 break_glass.not_open");
    expect(codeOf(await say(asks, `${base}/${id}/approve`))).toBe("403 break_glass.same_person");
    expect((await say(approves, `${base}/${id}/approve`)).body.state).toBe("approved");
    expect(codeOf(await read(id))).toBe("403 break_glass.not_open");
    expect(await noticesOf(tenant.shopId)).toEqual([]);
    await tell();
    await tell();
    expect(await noticesOf(tenant.shopId)).toEqual([{ kind: "break_glass_opened", data: {} }]);
    const { rows: mails } = await world.owner.query(
      "select 1 from mails join memberships m using (account_id) where m.shop_id = $1 and m.role = 'owner'",
      [tenant.shopId],
    );
    expect(mails).toHaveLength(1);

    expect([(await read(id)).status, (await read(id)).status]).toEqual([200, 200]);
    const entry = { actor_kind: "admin", actor_id: asks.accountId, subject_id: customer.customerId };
    expect(await log(tenant.shopId, "break_glass.read")).toMatchObject([entry, entry]);
    expect(await log(tenant.shopId, "conversation.viewed")).toMatchObject([entry, entry]);
    expect(await log(tenant.shopId, "break_glass.refused_read")).toHaveLength(2);

    const own = await world.ask("GET", "/v1/break-glass-grants", { token: tenant.owner });
    expect(own.body.data).toMatchObject([{ id, state: "open", readCount: 2 }]);
    expect(JSON.stringify(own.body)).not.toContain("insulted");
  });

  test("reads nothing from the end on, or once either took it back, and the owner hears how much was read", async () => {
    const first = await open({ minutes: 10 });
    await read(first);
    world.passTime(10 * minute);
    expect(codeOf(await read(first))).toBe("403 break_glass.not_open");
    await tell();
    expect(await noticesOf(tenant.shopId)).toMatchObject([
      {},
      { kind: "break_glass_ended", data: { looks: 1 } },
    ]);
    world.passTime(-10 * minute);
    for (const by of [asks, approves]) {
      const id = await open();
      expect((await read(id)).status).toBe(200);
      expect((await say(by, `${base}/${id}/end`)).body).toMatchObject({ state: "ended" });
      expect(codeOf(await read(id))).toBe("403 break_glass.not_open");
    }
  });

  test("reads only what was asked for, only reads, and only with their own grant", async () => {
    const id = await open();
    expect((await read(id, "/v1/orders")).status).toBe(200);
    for (const path of [
      "/v1/customers",
      "/v1/members",
      "/v1/payment-evidence",
      "/v1/audit-events",
      "/v1/shop",
    ])
      expect([path, codeOf(await read(id, path))]).toEqual([path, "403 break_glass.out_of_scope"]);
    const message = await world.ask("POST", chat(), {
      token: asks.token,
      headers: { "shopthread-break-glass": id },
      body: { text: "Hello" },
    });
    expect(codeOf(message)).toBe("403 break_glass.out_of_scope");
    expect(codeOf(await read(id, chat(), approves))).toBe("403 break_glass.not_yours");
    expect(codeOf(await read(toTypeId("bgg", randomUUID())))).toBe("403 break_glass.not_yours");
    expect(codeOf(await read(id, chat(), { ...asks, token: tenant.owner }))).toBe("403 platform.no_role");
    const stranger = await world.addTenant();
    const other = await world.addCustomer(stranger);
    const theirs = `/v1/conversations/${toTypeId("cus", other.customerId)}/messages`;
    expect((await read(id, theirs)).status).toBe(404);
  });

  test("reads of one customer what was asked for of one customer", async () => {
    const id = await open({ customerId: toTypeId("cus", customer.customerId) });
    const own = await world.addOrder(customer);
    const neighbour = await world.addCustomer(tenant);
    const foreign = await world.addOrder(neighbour);
    const of = ({ customerId }: CustomerOf) => toTypeId("cus", customerId);
    for (const path of [
      chat(),
      `/v1/orders?customerId=${of(customer)}`,
      `/v1/orders/${toTypeId("ord", own.orderId)}`,
    ])
      expect([path, (await read(id, path)).status]).toEqual([path, 200]);
    for (const path of [
      `/v1/conversations/${of(neighbour)}/messages`,
      "/v1/conversations",
      "/v1/orders",
      `/v1/orders?customerId=${of(neighbour)}`,
      `/v1/orders?customerId=${of(customer)}&customerId=${of(neighbour)}`,
      `/v1/orders/${toTypeId("ord", foreign.orderId)}`,
    ])
      expect([path, codeOf(await read(id, path))]).toEqual([path, "403 break_glass.out_of_scope"]);
  });
});

describe("a request", () => {
  test("is for an hour at most and says why, and its reason is sealed", async () => {
    const body = { shopId: toTypeId("shop", tenant.shopId), scopes: ["orders.read"], reason: "Lost money" };
    for (const wrong of [
      { minutes: 61 },
      { minutes: 0 },
      { reason: " " },
      { scopes: [] },
      { scopes: ["orders.write"] },
    ])
      expect((await say(asks, base, { ...body, ...wrong })).status).toBe(422);
    const key = randomUUID();
    const [first, again] = [await say(asks, base, body, key), await say(asks, base, body, key)];
    expect(again.body).toEqual(first.body);
    const { rows } = await world.owner.query("select reason from break_glass_grants where shop_id = $1", [
      tenant.shopId,
    ]);
    expect(rows).toHaveLength(1);
    expect(rows[0].reason.toString("latin1")).not.toContain("Lost money");
    const look = await world.ask("GET", `${base}/${first.body.id}`, { token: approves.token });
    expect(look.body).toMatchObject({ state: "requested", reason: "Lost money" });
  });

  test("is decided once, by one of two who come together, and no more after a day", async () => {
    const id = await request();
    const third = await world.addAdmin("compliance");
    const both = await meet(world, { table: "break_glass_grants", id: fromTypeId("bgg", id) ?? "" }, [
      () => say(approves, `${base}/${id}/approve`),
      () => say(third, `${base}/${id}/refuse`),
    ]);
    expect(both.map(({ status }) => String(status)).toSorted()).toEqual(["200", "409"]);
    const late = await request();
    world.passTime(24 * 60 * minute);
    const fresh = await world.addAdmin("platform_admin");
    expect(codeOf(await say(fresh, `${base}/${late}/approve`))).toBe("409 break_glass.not_waiting");
    world.passTime(-24 * 60 * minute);
  });
});
