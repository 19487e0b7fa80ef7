import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";
import type { CustomerOf } from "./owner-rows.ts";

let world: OwnerWorld;
let tenant: Tenant;
let customer: CustomerOf;
let path: string;
beforeAll(async () => {
  world = await createOwnerWorld();
});
beforeEach(async () => {
  tenant = await world.addTenant();
  customer = await world.addCustomer(tenant);
  path = `/v1/conversations/${toTypeId("cus", customer.customerId)}`;
  world.rung.length = 0;
});
afterAll(() => world.close());

const minute = 60_000;

async function row() {
  const { rows } = await world.owner.query("select * from conversations where customer_id = $1", [
    customer.customerId,
  ]);
  return rows[0];
}

describe("a conversation", () => {
  test("tells its state: who waits, who speaks, what is unread, when the last message came", async () => {
    await world.addMessage(customer, { body: { text: "hi" }, at: new Date("2026-01-01T10:00:00Z") });
    await world.addMessage(customer, {
      body: { text: "there?" },
      at: new Date("2026-01-01T10:01:00Z"),
      isWaiting: true,
    });
    const lastAt = new Date(Date.now() - minute);
    await world.owner.query(
      "update conversations set person_asked_at = $2, last_customer_action_at = $2, created_at = $3 where customer_id = $1",
      [customer.customerId, lastAt, new Date("2026-01-01T09:00:00Z")],
    );
    const { status, body } = await world.ask("GET", path, { token: tenant.key });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      customerId: toTypeId("cus", customer.customerId),
      mode: "agent",
      humanUntil: null,
      isAgentEnabled: true,
      isWaitingForPerson: true,
      unreadCount: 2,
      lastMessageAt: lastAt.toISOString(),
      messagingWindow: { isOpen: true },
    });
    expect(await world.auditOf(tenant.shopId)).toEqual([]);
  });

  test("is unread until a person reads it, which a program does not", async () => {
    await world.addMessage(customer, { body: { text: "hi" }, at: new Date(Date.now() - minute) });
    await world.addMessage(customer, {
      body: { text: "?" },
      at: new Date(Date.now() - minute),
      isWaiting: true,
    });
    const unread = async () => (await world.ask("GET", path, { token: tenant.key })).body.unreadCount;
    await world.ask("GET", `${path}/messages`, { token: tenant.key });
    expect(await unread()).toBe(2);
    await world.ask("GET", `${path}/messages`, { token: tenant.staff });
    expect(await unread()).toBe(0);
    await world.addMessage(customer, { body: { text: "new" }, at: new Date(Date.now() + minute) });
    expect(await unread()).toBe(1);
  });

  test("is listed by its last message, page by page, without any lost or repeated", async () => {
    const ids = [customer.customerId];
    for (let index = 0; index < 4; index += 1) ids.push((await world.addCustomer(tenant)).customerId);
    const at = new Date();
    // Two at the same instant, and one that never got a message.
    for (const [index, id] of ids.entries()) {
      await world.owner.query(
        "update conversations set last_customer_action_at = $2 where customer_id = $1",
        [id, index === 0 ? null : new Date(at.getTime() + Math.floor(index / 2) * minute)],
      );
    }
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const query = cursor === "" ? "" : `&cursor=${cursor}`;
      const { body } = await world.ask("GET", `/v1/conversations?limit=2${query}`, { token: tenant.key });
      seen.push(...body.data.map(({ customerId }: { customerId: string }) => customerId));
      cursor = body.nextCursor;
    }
    const expected = [4, 3, 2, 1, 0].map((index) => toTypeId("cus", ids[index] ?? ""));
    expect(seen).toEqual(expected);
  });

  test("is found by who waits for a person and by who speaks with one", async () => {
    const other = await world.addCustomer(tenant);
    await world.owner.query("update conversations set person_asked_at = now() where customer_id = $1", [
      other.customerId,
    ]);
    await world.ask("POST", `${path}/take-over`, { token: tenant.key });
    const list = async (query: string) =>
      (await world.ask("GET", `/v1/conversations?${query}`, { token: tenant.key })).body.data.map(
        ({ customerId }: { customerId: string }) => customerId,
      );
    expect(await list("isWaitingForPerson=true")).toEqual([toTypeId("cus", other.customerId)]);
    expect(await list("mode=human")).toEqual([toTypeId("cus", customer.customerId)]);
  });

  test("is 404 for another shop, in every way", async () => {
    const { key: token } = await world.addTenant();
    const answers = [
      await world.ask("GET", path, { token }),
      await world.ask("GET", `${path}/messages`, { token }),
      await world.ask("POST", `${path}/messages`, { token, body: { text: "hi" } }),
      await world.ask("POST", `${path}/take-over`, { token }),
      await world.ask("POST", `${path}/give-back`, { token }),
      await world.ask("PUT", `${path}/agent`, { token, body: { isEnabled: false } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
    expect(await row()).toMatchObject({ human_until: null, is_agent_enabled: true, mode_version: 0 });
  });
});

describe("taking over", () => {
  test("silences the agent for the shop's time, and gives it back with a ring", async () => {
    await world.owner.query("update conversations set person_asked_at = now() where customer_id = $1", [
      customer.customerId,
    ]);
    const taken = await world.ask("POST", `${path}/take-over`, { token: tenant.owner });
    expect(taken.body).toMatchObject({ mode: "human", isWaitingForPerson: false });
    const until = Date.parse(taken.body.humanUntil);
    expect(Math.abs(until - Date.now() - 60 * minute)).toBeLessThan(minute);
    expect(await row()).toMatchObject({ mode_version: 1 });
    expect(world.rung).toEqual([]);

    const given = await world.ask("POST", `${path}/give-back`, { token: tenant.owner });
    expect(given.body).toMatchObject({ mode: "agent", humanUntil: null });
    // Long past: the agent may speak, and the sweeper sees that it ended should the ring be lost.
    expect(await row()).toMatchObject({ mode_version: 2, human_until: new Date(0) });
    expect(world.rung).toEqual([customer.customerId]);
    expect(await world.auditOf(tenant.shopId)).toEqual([
      "conversation.taken_over",
      "conversation.given_back",
    ]);
  });

  test("is over when its time is", async () => {
    await world.ask("POST", `${path}/take-over`, { token: tenant.key });
    world.passTime(61 * minute);
    const { body } = await world.ask("GET", path, { token: tenant.key });
    world.passTime(-61 * minute);
    expect(body).toMatchObject({ mode: "agent", humanUntil: null });
  });

  test("works while Temporal is away", async () => {
    world.outside.isTemporalAway = true;
    const taken = await world.ask("POST", `${path}/take-over`, { token: tenant.key });
    const given = await world.ask("POST", `${path}/give-back`, { token: tenant.key });
    world.outside.isTemporalAway = false;
    expect([taken.status, given.status]).toEqual([200, 200]);
  });

  test("turns the agent off and on for one customer", async () => {
    const off = await world.ask("PUT", `${path}/agent`, { token: tenant.staff, body: { isEnabled: false } });
    expect(off.body.isAgentEnabled).toBe(false);
    expect(world.rung).toEqual([]);
    const on = await world.ask("PUT", `${path}/agent`, { token: tenant.staff, body: { isEnabled: true } });
    expect(on.body.isAgentEnabled).toBe(true);
    // What came before is left to a person, and nothing else waits.
    expect(world.rung).toEqual([]);
    const { agent_from: from } = await row();
    await world.ask("PUT", `${path}/agent`, { token: tenant.staff, body: { isEnabled: true } });
    expect((await row()).agent_from).toEqual(from);
    const bad = await world.ask("PUT", `${path}/agent`, { token: tenant.staff, body: { enabled: true } });
    expect(bad.status).toBe(422);
  });
});
