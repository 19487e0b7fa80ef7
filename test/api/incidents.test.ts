import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createBreachActivities } from "../../activities/breach/index.ts";
import { defaultBreachTimings } from "../../domain/breach/timings.ts";
import { toTypeId } from "../../domain/id.ts";
import { createIncidentWorld, notice, refTo } from "./incident-world.ts";
import type { IncidentWorld } from "./incident-world.ts";

const hour = 60 * 60_000;
const day = { from: "2026-11-02T00:00:00.000Z", to: "2026-11-03T00:00:00.000Z" };
const within = new Date("2026-11-02T12:00:00Z");
const after = new Date("2026-11-03T00:00:00Z");

let world: IncidentWorld;
beforeAll(async () => {
  world = await createIncidentWorld();
});
afterAll(() => world.close());

async function addWriter(tenant: Parameters<IncidentWorld["addCustomer"]>[0], occurredAt: Date) {
  const customer = await world.addCustomer(tenant);
  await world.addMessage(customer, { body: { text: "hello" }, at: occurredAt });
  return customer;
}

async function toldOf(customers: { customerId: string }[]): Promise<number[]> {
  return Promise.all(
    customers.map(async ({ customerId }) => {
      const { rowCount } = await world.owner.query(
        "select from outbox where customer_id = $1 and business_key like 'breach:%'",
        [customerId],
      );
      return rowCount ?? 0;
    }),
  );
}

async function sendAll(): Promise<void> {
  await world.owner.query(
    "update outbox set state = 'sent', sent_at = now() where business_key like 'breach:%'",
  );
  await world.owner.query("update mails set state = 'sent', sent_at = now() where kind = 'breach_notice'");
}

async function alarmsOf(incidentId: string): Promise<unknown[]> {
  const { rows } = await world.owner.query<{ hours: unknown }>(
    "select data->'hours' as hours from incident_events where incident_id = $1 and what = 'alarm' order by at, id",
    [incidentId],
  );
  return rows.map(({ hours }) => hours);
}

describe("a breach of a shop's conversations of one day", () => {
  test("is told to just those who wrote that day, once, and is closed when all know", async () => {
    const tenant = await world.addTenant();
    const hit = [await addWriter(tenant, within), await addWriter(tenant, within)];
    const spared = [await addWriter(tenant, after), await addWriter(await world.addTenant(), within)];
    const erased = await addWriter(tenant, within);
    await world.owner.query("update subjects set state = 'erased' where id = $1", [erased.customerId]);
    const { id, incidentId } = await world.open();
    await world.notify(id, [{ shopId: toTypeId("shop", tenant.shopId), data: "conversations", ...day }]);
    expect(await toldOf(hit)).toEqual([1, 1]);
    expect(await toldOf([...spared, erased])).toEqual([0, 0, 0]);
    await world.breach.tellAffected(refTo(incidentId));
    expect(await toldOf(hit)).toEqual([1, 1]);

    await sendAll();
    await world.passTime(hour);
    expect(await world.carryOn(incidentId)).toMatchObject({ state: "notified" });
    expect(await world.incidentOf(id)).toMatchObject({ people: { customers: 2, sent: 2 } });
    const closed = await world.ask("POST", `/v1/compliance/incidents/${id}/close`, {
      token: world.maker.token,
      body: {},
    });
    expect(closed.body).toMatchObject({ state: "closed", isOverdue: false });
  });

  test("goes to members by mail and in the console, with all three parts under the account's own key", async () => {
    const tenant = await world.addTenant();
    const { id } = await world.open();
    const to = new Date(Date.now() + 24 * hour).toISOString();
    await world.notify(id, [
      { shopId: toTypeId("shop", tenant.shopId), data: "accounts", from: day.from, to },
    ]);
    const { rows } = await world.owner.query<{ mails: number; notices: number; clear: number }>(
      `select (select count(*)::int from mails m join memberships s on s.account_id = m.account_id
          where s.shop_id = $1 and m.kind in ('breach_notice', 'owner_notice')) as mails,
        (select count(*)::int from owner_notices where shop_id = $1 and kind = 'breach_notice') as notices,
        (select count(*)::int from mails where data::text like '%What happened%') as clear`,
      [tenant.shopId],
    );
    expect(rows[0]).toEqual({ mails: 2, notices: 2, clear: 0 });
  });

  test("takes a second way to those whom Messenger does not reach, and tells the shop how many they are", async () => {
    const tenant = await world.addTenant();
    await addWriter(tenant, within);
    const { id, incidentId } = await world.open();
    await world.notify(id, [{ shopId: toTypeId("shop", tenant.shopId), data: "conversations", ...day }]);
    await world.owner.query("update outbox set state = 'waiting_for_window' where shop_id = $1", [
      tenant.shopId,
    ]);
    await world.passTime(hour);
    expect(await world.carryOn(incidentId)).toMatchObject({ state: "notified" });
    const { rows } = await world.owner.query(
      "select data from owner_notices where shop_id = $1 and kind = 'breach_unreached'",
      [tenant.shopId],
    );
    expect(rows).toEqual([{ data: { count: 1 } }]);
    expect(await world.incidentOf(id)).toMatchObject({ people: { waiting: 1, sent: 0 } });
  });

  test("that dies at any step is told to the rest, and to nobody twice", async () => {
    const tenant = await world.addTenant();
    const people = [
      await addWriter(tenant, within),
      await addWriter(tenant, within),
      await addWriter(tenant, within),
    ];
    const { id, incidentId } = await world.open();
    const scopes = [{ shopId: toTypeId("shop", tenant.shopId), data: "conversations", ...day }];
    const noticeVersion = await world.propose(id, scopes);
    const by = { accountId: world.approver.accountId, apiKeyId: null };
    const request = { by, proposal: "notify" as const, noticeVersion };
    const dies = createBreachActivities({
      ...world.activityDeps,
      atStep: () => Promise.reject(new Error("killed")),
    });
    const approve = { ...refTo(incidentId), name: "approveBreachDecision" as const, request };
    await expect(dies.decideBreach(approve)).rejects.toThrow("killed");
    expect(await world.breach.decideBreach(approve)).toMatchObject({ outcome: "already" });
    for (;;) {
      const { next } = await world.breach.loadBreach(refTo(incidentId));
      if (next?.deadline !== "listAffected" && next?.deadline !== "tellAffected") break;
      await expect(dies[next.deadline](refTo(incidentId))).rejects.toThrow("killed");
    }
    expect(await toldOf(people)).toEqual([1, 1, 1]);
  });
});

describe("the clock", () => {
  test("raises an alarm at each of 24, 48, 60 and 70 hours from the discovery, in the past as well, and mails compliance", async () => {
    const discoveredAt = new Date(world.deps.clock.now().getTime() - 61 * hour).toISOString();
    const { id, incidentId } = await world.open({ discoveredAt });
    expect(await alarmsOf(incidentId)).toEqual([24, 48, 60]);
    await world.passTime(10 * hour);
    await world.carryOn(incidentId);
    await world.carryOn(incidentId);
    expect(await alarmsOf(incidentId)).toEqual([24, 48, 60, 70]);
    const { rows } = await world.owner.query<{ count: number }>(
      "select count(*)::int as count from mails where kind = 'breach_alarm' and business_key like $1",
      [`breach_alarm:${incidentId}:%`],
    );
    expect(rows[0]).toEqual({ count: 8 });
    expect(await world.incidentOf(id)).toMatchObject({ isOverdue: false });
    await world.passTime(2 * hour);
    expect(await world.incidentOf(id)).toMatchObject({ isOverdue: true });
  });

  test("demands the reason of a late notice before the incident is closed", async () => {
    const tenant = await world.addTenant();
    const discoveredAt = new Date(world.deps.clock.now().getTime() - 80 * hour).toISOString();
    const { id, incidentId } = await world.open({ discoveredAt });
    await world.notify(id, [{ shopId: toTypeId("shop", tenant.shopId), data: "orders", ...day }]);
    await world.passTime(defaultBreachTimings.receiptsMs);
    await world.carryOn(incidentId);
    const close = (body: object) =>
      world.ask("POST", `/v1/compliance/incidents/${id}/close`, { token: world.maker.token, body });
    expect((await close({})).body).toMatchObject({ status: 409, code: "breach.late_reason_missing" });
    expect((await close({ lateReason: "extent_unknown" })).body).toMatchObject({
      state: "closed",
      lateReason: "extent_unknown",
      isOverdue: true,
    });
  });

  test("does not run from tomorrow", async () => {
    const discoveredAt = new Date(world.deps.clock.now().getTime() + hour).toISOString();
    const { status, body } = await world.ask("POST", "/v1/compliance/incidents", {
      token: world.maker.token,
      body: { kind: "other", discoveredAt },
    });
    expect([status, body.code]).toEqual([422, "breach.discovered_later"]);
  });
});

describe("two people", () => {
  test("stand behind a notice: the one who proposed does not approve, and changed papers are proposed anew", async () => {
    const tenant = await world.addTenant();
    const { id } = await world.open();
    const path = `/v1/compliance/incidents/${id}`;
    const scopes = [{ shopId: toTypeId("shop", tenant.shopId), data: "orders", ...day }];
    const say = (verb: string, token: string, noticeVersion: number) =>
      world.ask("POST", `${path}/${verb}`, { token, body: { proposal: "notify", noticeVersion } });
    const { maker, approver } = world;
    expect((await say("propose", maker.token, 0)).body.code).toBe("breach.no_scope");
    const write = (body: object) => world.ask("POST", `${path}/papers`, { token: maker.token, body });
    await write({ scopes });
    expect((await say("propose", maker.token, 1)).body.code).toBe("breach.no_notice");
    await write({ notice });
    expect((await say("propose", maker.token, 2)).body).toMatchObject({ proposal: "notify" });
    const own = await say("approve", maker.token, 2);
    expect([own.status, own.body.code]).toEqual([403, "breach.same_person"]);
    await write({ notice: { ...notice, en: { ...notice.en, whatWasDone: "More." } } });
    expect((await say("approve", approver.token, 2)).body.code).toBe("breach.other_version");
    expect((await say("approve", approver.token, 3)).body.code).toBe("breach.no_proposal");
    expect(await world.incidentOf(id)).toMatchObject({ state: "open", proposal: null });
  });

  test("find that it was no breach", async () => {
    const { id } = await world.open();
    const body = { proposal: "dismiss", noticeVersion: 0 };
    const path = `/v1/compliance/incidents/${id}`;
    await world.ask("POST", `${path}/propose`, { token: world.maker.token, body });
    const answer = await world.ask("POST", `${path}/approve`, { token: world.approver.token, body });
    expect(answer.body).toMatchObject({ state: "dismissed" });
  });

  test("P:MIK-70 a notice with an empty part is refused, in either language", async () => {
    const { id } = await world.open();
    for (const language of ["en", "my"] as const) {
      for (const part of ["whatHappened", "likelyEffects", "whatWasDone"]) {
        const body = { notice: { ...notice, [language]: { ...notice[language], [part]: " " } } };
        const asked = { token: world.maker.token, body };
        const { status } = await world.ask("POST", `/v1/compliance/incidents/${id}/papers`, asked);
        expect(status, `${language} ${part}`).toBe(422);
      }
    }
    const unwritten = await world.ask("POST", `/v1/compliance/incidents/${id}/propose`, {
      token: world.maker.token,
      body: { proposal: "notify", noticeVersion: 0 },
    });
    expect(unwritten.body.code).toBe("breach.no_scope");
  });
});

describe("containing", () => {
  test("ends sessions and keys and pauses agents in the shops that are named, and nowhere else", async () => {
    const [hit, spared] = [await world.addTenant(), await world.addTenant()];
    const { id } = await world.open();
    const shopIds = [toTypeId("shop", hit.shopId)];
    for (const measure of ["end_sessions", "revoke_api_keys", "pause_agents"]) {
      const answer = await world.ask("POST", `/v1/compliance/incidents/${id}/contain`, {
        token: world.maker.token,
        body: { measure, shopIds },
      });
      expect(answer.status, measure).toBe(200);
    }
    expect((await world.ask("GET", "/v1/shop", { token: hit.owner })).status).toBe(401);
    expect((await world.ask("GET", "/v1/shop", { token: spared.owner })).status).toBe(200);
    const { rows } = await world.owner.query(
      `select (select count(*)::int from api_keys where revoked_at is null and shop_id = s.id) as keys,
        is_agent_enabled as agent from shops s where id = any($1) order by id = $2 desc`,
      [[hit.shopId, spared.shopId], hit.shopId],
    );
    expect(rows[0]).toEqual({ keys: 0, agent: false });
    expect(rows[1]).toMatchObject({ agent: true });
  });

  test("P:MIK-48 a drill has its clock, its people, its papers and its story, and tells and ends nothing", async () => {
    const tenant = await world.addTenant();
    const customer = await addWriter(tenant, within);
    const { id, incidentId } = await world.open({ isDrill: true });
    const contained = await world.ask("POST", `/v1/compliance/incidents/${id}/contain`, {
      token: world.maker.token,
      body: { measure: "end_sessions", shopIds: [toTypeId("shop", tenant.shopId)] },
    });
    expect(contained.body.code).toBe("breach.drill");
    await world.notify(id, [{ shopId: toTypeId("shop", tenant.shopId), data: "conversations", ...day }]);
    await world.passTime(defaultBreachTimings.receiptsMs);
    expect(await world.carryOn(incidentId)).toMatchObject({ state: "notified" });
    expect(await toldOf([customer])).toEqual([0]);
    const { people, events } = await world.incidentOf(id);
    expect(people).toMatchObject({ customers: 1, sent: 0 });
    expect(events.map(({ what }: { what: string }) => what)).toEqual([
      "opened",
      "papers_written",
      "proposed",
      "approved",
      "listed",
      "queued_for_all",
      "notified",
    ]);
  });
});

test("a letter to each authority is drafted from the record", async () => {
  const { id } = await world.open();
  for (const jurisdiction of ["MM", "ID", "EU"]) {
    const { body } = await world.ask(
      "GET",
      `/v1/compliance/incidents/${id}/authority-draft?jurisdiction=${jurisdiction}`,
      { token: world.maker.token },
    );
    expect(body.text).toContain(`reference ${id}`);
    expect(body.text).toContain("[to be written]");
  }
});
