import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { insertNotice } from "../../db/owner-notices.ts";
import { newId, toTypeId } from "../../domain/id.ts";
import type { NoticeId, OrderId, SubjectId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";

let world: OwnerWorld;
let tenant: Tenant;
beforeAll(async () => {
  world = await createOwnerWorld();
});
beforeEach(async () => {
  tenant = await world.addTenant();
});
afterAll(() => world.close());

describe("devices", () => {
  const register = (token: string, device: string) =>
    world.ask("POST", "/v1/devices", { token, body: { token: device } });

  test("keeps the token sealed, and one device for one token", async () => {
    const first = await register(tenant.owner, "fcm-token:abc_123");
    expect(first.status).toBe(201);
    const again = await register(tenant.staff, "fcm-token:abc_123");
    expect(again.body).toEqual(first.body);
    const { rows } = await world.owner.query("select * from devices where shop_id = $1", [tenant.shopId]);
    expect(rows).toHaveLength(1);
    expect(rows[0].token.toString("latin1")).not.toContain("abc_123");
    const place = {
      shopId: tenant.shopId,
      subjectId: tenant.shopId as string as SubjectId,
      purpose: "secret",
      field: "device.token",
      rowId: rows[0].id,
    } as const;
    const [plaintext] = await world.deps.sealer.open([{ place, sealed: rows[0].token as Sealed }]);
    expect(plaintext?.toString("utf8")).toBe("fcm-token:abc_123");
  });

  test("gets no more pushes once removed, and comes back by registering", async () => {
    const { body } = await register(tenant.owner, "fcm-token:one");
    const remove = (token: string) => world.ask("DELETE", `/v1/devices/${body.id}`, { token });
    const gone = async () => {
      const { rows } = await world.owner.query("select gone_at from devices where id = $1", [body.id]);
      return rows[0].gone_at !== null;
    };
    expect((await remove(tenant.owner)).status).toBe(204);
    expect((await remove(tenant.owner)).status).toBe(204);
    expect(await gone()).toBe(true);
    expect((await register(tenant.owner, "fcm-token:one")).body.id).toBe(body.id);
    expect(await gone()).toBe(false);
  });

  test("is removed by its own account only", async () => {
    const { body } = await register(tenant.owner, "fcm-token:mine");
    const other = await world.addTenant();
    for (const token of [tenant.staff, other.owner]) {
      expect((await world.ask("DELETE", `/v1/devices/${body.id}`, { token })).status).toBe(404);
    }
    expect((await world.ask("DELETE", "/v1/devices/nonsense", { token: tenant.owner })).status).toBe(404);
  });

  test("belongs to a person, never to a key, and has a token", async () => {
    expect((await register(tenant.key, "fcm-token:key")).status).toBe(403);
    expect((await register(tenant.owner, "short")).status).toBe(422);
  });
});

describe("notices", () => {
  async function addNotice(amountMinor: number): Promise<NoticeId> {
    const id = newId<NoticeId>();
    const orderId = newId<OrderId>();
    const data = { orderNumber: "A-7", amountMinor, currency: "MMK" as const };
    const notice = {
      shopId: tenant.shopId,
      id,
      kind: "evidence_to_review" as const,
      businessKey: randomUUID(),
    };
    await world.worker.withShop(tenant.shopId, (trx) =>
      insertNotice(trx, { ...notice, orderId, data, now: new Date() }),
    );
    return id;
  }

  test("lists them newest first in the language that is asked for, and marks them read once", async () => {
    const [first, second] = [await addNotice(1_000), await addNotice(2_000)];
    const all = await world.ask("GET", "/v1/notices", { token: tenant.staff });
    expect(all.body.data).toMatchObject([
      { id: toTypeId("ntc", second), title: "Payment to check", orderNumber: "A-7", readAt: null },
      { id: toTypeId("ntc", first), amount: { amountMinor: 1_000, currency: "MMK" } },
    ]);
    const burmese = await world.ask("GET", "/v1/notices?language=my&limit=1", { token: tenant.staff });
    expect(burmese.body).toMatchObject({ data: [{ title: "ငွေလွှဲစစ်ရန်" }], hasMore: true });

    const path = `/v1/notices/${toTypeId("ntc", second)}/read`;
    const read = await world.ask("POST", path, { token: tenant.staff });
    expect(read.body.readAt).not.toBeNull();
    const again = await world.ask("POST", path, { token: tenant.staff });
    expect(again.body.readAt).toBe(read.body.readAt);
    const unread = await world.ask("GET", "/v1/notices?isUnread=true", { token: tenant.staff });
    expect(unread.body.data).toMatchObject([{ id: toTypeId("ntc", first) }]);
  });

  test("are 404 for another shop", async () => {
    const id = toTypeId("ntc", await addNotice(1));
    const other = await world.addTenant();
    expect((await world.ask("POST", `/v1/notices/${id}/read`, { token: other.key })).status).toBe(404);
    expect((await world.ask("GET", "/v1/notices", { token: other.key })).body.data).toEqual([]);
  });
});

describe("the audit log", () => {
  test("tells who read and changed what, of the own shop only", async () => {
    const customer = await world.addCustomer(tenant);
    const cus = toTypeId("cus", customer.customerId);
    await world.ask("GET", `/v1/conversations/${cus}/messages`, { token: tenant.staff });
    await world.ask("PATCH", "/v1/shop", { token: tenant.key, body: { name: "New name" } });
    const { body } = await world.ask("GET", "/v1/audit-events", { token: tenant.owner });
    expect(body.data).toMatchObject([
      { action: "shop.updated", actor: { kind: "owner", accountId: null }, customerId: null },
      { action: "conversation.viewed", customerId: cus, resourceId: cus },
    ]);
    expect(body.data[0].data.apiKeyId).toEqual(expect.any(String));
    expect(body.data[1].actor.accountId).toMatch(/^acc_/);
    expect(JSON.stringify(body)).not.toContain("New name");

    const of = await world.ask("GET", `/v1/audit-events?customerId=${cus}&limit=1`, { token: tenant.owner });
    expect(of.body).toMatchObject({ data: [{ action: "conversation.viewed" }], hasMore: false });
    const by = await world.ask("GET", "/v1/audit-events?action=shop.updated", { token: tenant.owner });
    expect(by.body.data).toHaveLength(1);
    const other = await world.addTenant();
    expect((await world.ask("GET", "/v1/audit-events", { token: other.owner })).body.data).toEqual([]);
  });

  test("is not for staff", async () => {
    expect((await world.ask("GET", "/v1/audit-events", { token: tenant.staff })).status).toBe(403);
  });
});
