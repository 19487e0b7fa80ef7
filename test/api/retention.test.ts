import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import type { RetentionRunId } from "../../domain/id.ts";
import { fromTypeId } from "../../domain/id.ts";
import { dayMs } from "../../domain/privacy/purge-rules.ts";
import { retentionAt } from "../activities/retention-world.ts";
import { retentionRows } from "../db/retention-world.ts";
import type { Answer, Tenant } from "./owner-world.ts";
import { createUpgradeWorld } from "./upgrade-world.ts";
import type { UpgradeWorld } from "./upgrade-world.ts";

let world: UpgradeWorld;
let rows: ReturnType<typeof retentionRows>;
let officer: string;
beforeAll(async () => {
  world = await createUpgradeWorld();
  rows = retentionRows(world.owner);
});
afterAll(() => world.close());
// A run at a later day ends the sessions of today.
beforeEach(async () => {
  officer = (await world.addAdmin("compliance")).token;
});

const ago = (days: number, ms = 0) => new Date(Date.now() - days * dayMs + ms);
const base = "/v1/compliance/retention";

const setRetention = (tenant: Tenant, retention: object) =>
  world.ask("PATCH", "/v1/shop", { token: tenant.owner, body: { policies: { retention } } });

const idOf = (answer: Answer) => fromTypeId<RetentionRunId>("rtr", answer.body.id) ?? ("" as RetentionRunId);
const look = (path: string, token = officer) => world.ask("GET", `${base}/${path}`, { token });

async function dryRun(): Promise<Answer> {
  const begun = await world.ask("POST", `${base}/dry-runs`, { token: officer });
  expect({ status: begun.status, state: begun.body.state }).toEqual({ status: 202, state: "running" });
  await retentionAt(world.deps.system, new Date(), { recordsAPage: 2, pagesASlice: 5 }).finish(idOf(begun));
  return look(`runs/${begun.body.id}`);
}

const execute = (plan: Answer, hash: string = plan.body.hash) =>
  world.ask("POST", `${base}/runs/${plan.body.id}/execute`, { token: officer, body: { hash } });

async function carriedOut(run: Answer): Promise<Answer> {
  await retentionAt(world.deps.system, new Date(), { recordsAPage: 3, pagesASlice: 5 }).finish(idOf(run));
  return look(`runs/${run.body.id}`);
}

type Counted = { rule: string; counted: number; removed: number };
const countsOf = ({ body }: Answer, of: "counted" | "removed"): Record<string, number> =>
  Object.fromEntries(
    (body.results as Counted[]).flatMap((result) => (result[of] > 0 ? [[result.rule, result[of]]] : [])),
  );

/** A conversation with messages of these ages. */
async function addChat(tenant: Tenant, ages: number[]) {
  const chat = await world.addCustomer(tenant);
  const ref = { shopId: tenant.shopId, customerId: chat.customerId };
  for (const days of ages) await rows.addMessage(ref, ago(days));
  return ref;
}

describe("a shop's own times", () => {
  test("P:MIK-35 no shop keeps a conversation longer than 730 days, nor a message of one that never ends", async () => {
    const tenant = await world.addTenant();
    const refused = await setRetention(tenant, { conversationDays: 731 });
    expect({ status: refused.status, at: refused.body.errors?.[0]?.pointer }).toEqual({
      status: 422,
      at: "/policies/retention/conversationDays",
    });
    expect((await setRetention(tenant, { conversationDays: 730 })).status).toBe(200);
    const chat = await addChat(tenant, []);
    const begun = ago(3 * 365);
    for (let day = 0; day <= 3 * 365; day += 15) {
      await rows.addMessage(chat, new Date(begun.getTime() + day * dayMs));
    }
    await retentionAt(world.deps.system, new Date()).purge();
    const { rows: left } = await world.owner.query<{ at: Date }>(
      "select occurred_at as at from messages where customer_id = $1 order by occurred_at",
      [chat.customerId],
    );
    expect(left[0]?.at.getTime()).toBeGreaterThan(ago(730).getTime());
    expect(left.length).toBe(49);
  });

  test("M:ONAMI-45 slide with the last message, and are the shop's to set from 7 to 730 days", async () => {
    const tenant = await world.addTenant();
    for (const conversationDays of [6, 731, 7.5, "30"])
      expect((await setRetention(tenant, { conversationDays })).status).toBe(422);
    const [quiet, live] = [await addChat(tenant, [40, 31]), await addChat(tenant, [40, 29])];
    expect((await setRetention(tenant, { conversationDays: 30 })).body.policies.retention).toEqual({
      conversationDays: 30,
      disputeDays: null,
    });
    await retentionAt(world.deps.system, new Date()).purge();
    const left = (ref: { customerId: string }) =>
      rows.count("messages", "customer_id = $1", [ref.customerId]);
    expect([await left(quiet), await left(live)]).toEqual([0, 2]);
    expect((await setRetention(tenant, { conversationDays: null })).body.policies.retention).toEqual({
      conversationDays: null,
      disputeDays: null,
    });
  });

  test("of disputes are within 30 and 365 days, and each change stands in the shop's log", async () => {
    const tenant = await world.addTenant();
    for (const disputeDays of [29, 366])
      expect((await setRetention(tenant, { disputeDays })).status).toBe(422);
    await setRetention(tenant, { disputeDays: 365, conversationDays: 90 });
    expect((await setRetention(tenant, { disputeDays: 60 })).body.policies.retention).toEqual({
      conversationDays: 90,
      disputeDays: 60,
    });
    const { rows: told } = await world.owner.query(
      "select data from audit_events where shop_id = $1 and action = 'shop.retention_changed' order by id",
      [tenant.shopId],
    );
    expect(told.map(({ data }) => data)).toEqual([
      { disputeDays: 365, conversationDays: 90 },
      { disputeDays: 60 },
    ]);
  });
});

test("a forecast says what will be gone by each day, under which rule, of the owner's shop alone", async () => {
  const [tenant, other] = [await world.addTenant(), await world.addTenant()];
  await addChat(other, [500]);
  await addChat(tenant, [200, 190]);
  await addChat(tenant, [176]);
  await addChat(tenant, [155, 154]);
  await addChat(tenant, [95]);
  const { status, body } = await world.ask("GET", "/v1/retention/forecast", { token: tenant.owner });
  expect(status).toBe(200);
  const chats = body.classes.find(({ class: name }: { class: string }) => name === "conversation");
  const messages = chats.rules.find(({ rule }: { rule: string }) => rule === "messages");
  const counts = messages.due.map(({ byDay, count }: { byDay: number; count: number }) => [byDay, count]);
  expect(counts).toEqual([
    [0, 2],
    [7, 3],
    [30, 5],
    [90, 6],
  ]);
  expect(messages.keptDays).toBe(180);
  for (const [byDay, count] of counts) {
    const later = new Date(Date.parse(body.asOf) + byDay * dayMs);
    await retentionAt(world.deps.system, later).purge();
    expect(await rows.count("messages", "shop_id = $1", [tenant.shopId])).toBe(6 - count);
  }
});

test("the platform's forecast is the sum of the shops', each by its own settings, and of what is no shop's", async () => {
  const [first, second] = [await world.addTenant(), await world.addTenant()];
  await setRetention(second, { conversationDays: 30 });
  const before = await look("forecast");
  await addChat(first, [200, 100]);
  await addChat(first, [190]);
  await addChat(second, [40]);
  await world.owner.query(
    "insert into intake (shop_id, id, kind, customer_id, event_key, occurred_at, received_at, claimed_at) select shop_id, gen_random_uuid(), 'message', id, '\\x01', $2, $2, $2 from customers where shop_id = $1 limit 1",
    [first.shopId, ago(9)],
  );
  const after = await look("forecast");
  const due = ({ body }: Answer, of: string): number =>
    body.classes
      .flatMap(({ rules }: { rules: object[] }) => rules)
      .find(({ rule }: { rule: string }) => rule === of).due[0].count;
  expect(due(after, "messages") - due(before, "messages")).toBe(2);
  expect(due(after, "claimed_events") - due(before, "claimed_events")).toBe(1);
});

describe("a dry run", () => {
  test("removes nothing, and is executed by its hash: exactly what it wrote down is gone, under the same hash", async () => {
    const tenant = await world.addTenant();
    await retentionAt(world.deps.system, new Date()).purge();
    const chat = await addChat(tenant, [200, 190]);
    const other = await addChat(tenant, [181, 10]);
    await rows.addOrder(chat, { endedAt: ago(200), paidAt: ago(210) });
    await rows.addOrder(other, { state: "cancelled", endedAt: ago(200) });
    const plan = await dryRun();
    expect(countsOf(plan, "counted")).toMatchObject({ messages: 2, unpaid_orders: 1, order_contacts: 1 });
    expect(countsOf(plan, "removed")).toEqual({});
    expect(await rows.count("messages", "shop_id = $1", [tenant.shopId])).toBe(4);
    const { rows: planned } = await world.owner.query<{ rule: string; key: string }>(
      "select rule, key from retention_plan_items where run_id = $1 and rule in ('messages', 'unpaid_orders')",
      [idOf(plan)],
    );
    const idsBefore = await idsOf(tenant);
    // What becomes due meanwhile by another clock is another run's.
    const run = await carriedOut(await execute(plan));
    expect({ state: run.body.state, hash: run.body.hash }).toEqual({ state: "done", hash: plan.body.hash });
    expect(countsOf(run, "removed")).toEqual(countsOf(plan, "counted"));
    const idsAfter = await idsOf(tenant);
    const gone = idsBefore.filter((id) => !idsAfter.includes(id));
    expect(gone.toSorted()).toEqual(
      planned.map(({ key }) => (JSON.parse(key) as string[])[1] ?? "").toSorted(),
    );
    expect((await execute(plan)).body.code).toBe("retention.plan_executed");
  });

  test("is not executed when something else is due by then: nothing is removed", async () => {
    const tenant = await world.addTenant();
    const chat = await addChat(tenant, [200]);
    const plan = await dryRun();
    await rows.addMessage(chat, new Date());
    const run = await carriedOut(await execute(plan));
    expect(run.body.state).toBe("stale");
    expect(countsOf(run, "removed")).toEqual({});
    expect(await rows.count("messages", "customer_id = $1", [chat.customerId])).toBe(2);
  });

  test("is not executed under another hash, nor a day later, nor while another run is executed", async () => {
    const tenant = await world.addTenant();
    await addChat(tenant, [200]);
    const plan = await dryRun();
    expect((await execute(plan, "0".repeat(64))).body.code).toBe("retention.plan_changed");
    expect((await execute(plan, "none")).status).toBe(422);
    const move = (by: string) =>
      world.owner.query("update retention_runs set at = at + $2::interval where id = $1", [idOf(plan), by]);
    await move("-24 hours");
    expect((await execute(plan)).body.code).toBe("retention.plan_expired");
    await move("24 hours");
    const [again, running] = [await dryRun(), await execute(plan)];
    expect(running.status).toBe(202);
    expect((await execute(again)).body.code).toBe("retention.running");
    await carriedOut(running);
  });

  test("a repeated request meets its own run, and an unfinished one stands in the way of another", async () => {
    const headers = { "idempotency-key": "dry-run-once" };
    const ask = () => world.ask("POST", `${base}/dry-runs`, { token: officer, headers });
    const [first, second] = [await ask(), await ask()];
    expect(second.body.id).toBe(first.body.id);
    const other = await world.ask("POST", `${base}/dry-runs`, { token: officer });
    expect(other.body.code).toBe("retention.running");
    expect((await execute(first, "0".repeat(64))).body.code).toBe("retention.plan_unfinished");
    await carriedOut(first);
  });

  async function idsOf(tenant: Tenant): Promise<string[]> {
    const { rows: found } = await world.owner.query<{ id: string }>(
      "select id from messages where shop_id = $1 union all select id from orders where shop_id = $1",
      [tenant.shopId],
    );
    return found.map(({ id }) => id);
  }
});

test("each run leaves its proof, which auditors read and nobody but compliance makes", async () => {
  const tenant = await world.addTenant();
  await retentionAt(world.deps.system, new Date()).purge();
  await addChat(tenant, [300, 250]);
  await retentionAt(world.deps.system, new Date()).purge();
  const auditor = await world.addAdmin("auditor");
  const { body } = await look("runs?limit=1", auditor.token);
  const [proof] = body.data;
  expect(proof).toMatchObject({
    kind: "purge",
    state: "done",
    startedBy: null,
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  const messages = proof.results.find(({ rule }: { rule: string }) => rule === "messages");
  expect(messages).toMatchObject({
    counted: 2,
    removed: 2,
    cutOff: new Date(Date.parse(proof.at) - 180 * dayMs).toISOString(),
  });
  expect(Date.parse(messages.newestAt)).toBeLessThan(ago(249).getTime());
  expect(body.hasMore).toBe(true);
  const next = await look(`runs?limit=1&cursor=${body.nextCursor}`, auditor.token);
  expect(next.body.data[0].id).not.toBe(proof.id);
  const tried = await world.ask("POST", `${base}/dry-runs`, { token: auditor.token });
  expect(tried.body.code).toBe("scope.missing");
});
