import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { platformShopId } from "../../db/accounts.ts";
import { fromTypeId, toTypeId } from "../../domain/id.ts";
import type { CustomerOf } from "./owner-rows.ts";
import type { Tenant } from "./owner-world.ts";
import { createPrivacyWorld } from "./privacy-world.ts";
import type { PrivacyWorld, RequestView } from "./privacy-world.ts";

const day = 86_400_000;

let world: PrivacyWorld;
let shop: Tenant;
let customer: CustomerOf;
let customerId: string;
beforeAll(async () => {
  world = await createPrivacyWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  shop = await world.addTenant();
  customer = await world.addCustomer(shop);
  customerId = toTypeId("cus", customer.customerId);
});

const decide = (request: RequestView, verb: string, body?: object, token = shop.owner) =>
  world.ask("POST", `/v1/privacy-requests/${request.id}/${verb}`, {
    token,
    ...(body === undefined ? {} : { body }),
  });
const read = async (request: RequestView, token = shop.owner) =>
  (await world.ask("GET", `/v1/privacy-requests/${request.id}`, { token })).body;
const toldTo = async () => {
  const { rows } = await world.owner.query<{ key: string }>(
    "select business_key as key from outbox where shop_id = $1 order by seq",
    [shop.shopId],
  );
  return rows.map(({ key }) => key.split(":").at(-1));
};

/** The customer wrote to the platform, whose staff know them. */
async function throughStaff(kind: string): Promise<{ request: RequestView; token: string }> {
  const { token } = await world.addCompliance();
  const of = { shopId: toTypeId("shop", shop.shopId), customerId };
  const { body } = await world.ask("POST", "/v1/compliance/privacy-requests", { token, body: { of, kind } });
  await world.serve(shop.shopId, body.id);
  return { request: body, token };
}

describe("an owner on a customer's behalf", () => {
  test("deletes after a day in which the customer can take it back, and nobody is written to afterwards", async () => {
    const request = await world.ask201(shop, {
      customerId,
      kind: "deletion",
      note: "She asked me in the shop.",
    });
    expect(request).toMatchObject({
      state: "verified",
      statusUrl: expect.stringMatching(/\/privacy\/requests\/\w{4}-/),
    });
    expect(await world.limitsOf(shop.shopId)).toEqual(["processing_limit.set restricted"]);
    await world.serve(shop.shopId, request.id);
    expect(await read(request)).toMatchObject({ state: "waiting", note: "She asked me in the shop." });
    expect(await toldTo()).toEqual(["received"]);
    world.passTime(day);
    await world.serve(shop.shopId, request.id);
    expect(await read(request, await world.signIn(shop.shopId, "owner"))).toMatchObject({
      state: "completed",
      answer: "erased",
    });
    expect(await toldTo()).toEqual(["received"]);
    expect(await world.noticesOf(shop.shopId)).toEqual(["privacy_asked"]);
  });

  test("takes it back in time: the limit is lifted, and the customer is told", async () => {
    const request = await world.ask201(shop, { customerId, kind: "deletion" });
    await world.serve(shop.shopId, request.id);
    expect(await decide(request, "cancel")).toMatchObject({ status: 200, body: { state: "cancelled" } });
    expect(await decide(request, "cancel")).toMatchObject({ status: 200, body: { state: "cancelled" } });
    await world.serve(shop.shopId, request.id);
    expect(await world.limitsOf(shop.shopId)).toEqual([
      "processing_limit.set restricted",
      "processing_limit.lifted restricted",
    ]);
    expect(await toldTo()).toEqual(["received", "cancelled"]);
  });

  test("comes too late when it is carried out", async () => {
    const request = await world.ask201(shop, { customerId, kind: "deletion" });
    await world.owner.query(
      "update privacy_requests set state = 'in_progress', tell = null where shop_id = $1",
      [shop.shopId],
    );
    expect(await decide(request, "cancel")).toMatchObject({
      status: 409,
      body: { code: "privacy_request.in_progress" },
    });
  });

  test.each([
    ["restriction", {}, "restricted"],
    ["objection", { objectsTo: "no_analytics" }, "no_analytics"],
  ])("%s is in force when it is answered, and told when it is done", async (kind, more, limit) => {
    const request = await world.ask201(shop, { customerId, kind, ...more });
    expect(await world.limitsOf(shop.shopId)).toEqual([`processing_limit.set ${limit}`]);
    await world.serve(shop.shopId, request.id);
    expect(await read(request)).toMatchObject({ state: "completed", answer: "limited" });
    expect(await toldTo()).toEqual(["done"]);
  });

  test("a second one of the kind is answered by the first, also by the same key", async () => {
    const first = await world.ask201(shop, { customerId, kind: "access" });
    const headers = { "idempotency-key": randomUUID() };
    const again = () =>
      world.ask("POST", "/v1/privacy-requests", {
        token: shop.owner,
        headers,
        body: { customerId, kind: "access" },
      });
    for (const answer of [await again(), await again()])
      expect(answer).toMatchObject({ status: 201, body: { id: first.id, statusUrl: null } });
    const other = await world.ask201(shop, { customerId, kind: "correction" });
    expect(other.id).not.toBe(first.id);
  });

  test("of no such customer, of another shop's, and of one who is erased nothing is made", async () => {
    const other = await world.addCustomer(await world.addTenant());
    for (const id of [toTypeId("cus", other.customerId), toTypeId("cus", shop.shopId)]) {
      const body = { customerId: id, kind: "access" };
      expect(await world.ask("POST", "/v1/privacy-requests", { token: shop.owner, body })).toMatchObject({
        status: 404,
      });
    }
    await world.owner.query("update subjects set state = 'erasing' where id = $1", [customer.customerId]);
    const body = { customerId, kind: "access" };
    expect(await world.ask("POST", "/v1/privacy-requests", { token: shop.owner, body })).toMatchObject({
      status: 409,
      body: { code: "subject.erasing" },
    });
  });
});

describe("a request that needs the shop", () => {
  test("M:ONAMI-54 is answered by its owner, who has changed the data, and the customer is told then", async () => {
    const request = await world.ask201(shop, { customerId, kind: "correction", note: "The phone is wrong." });
    await world.serve(shop.shopId, request.id);
    const inbox = await world.ask("GET", "/v1/privacy-requests?state=with_owner", { token: shop.owner });
    expect(inbox.body.data).toMatchObject([{ id: request.id, customerId, dueAt: expect.any(String) }]);
    expect(await world.noticesOf(shop.shopId)).toEqual(["privacy_to_answer"]);
    expect(await read(request)).toMatchObject({ state: "with_owner", note: "The phone is wrong." });
    expect(await decide(request, "answer", { answer: "carry_out" })).toMatchObject({
      status: 409,
      body: { code: "privacy_request.other_answer" },
    });
    expect(await toldTo()).toEqual(["received"]);
    await decide(request, "answer", { answer: "corrected" });
    await world.serve(shop.shopId, request.id);
    expect(await read(request)).toMatchObject({ state: "completed", answer: "corrected" });
    expect(await toldTo()).toEqual(["received", "done"]);
  });

  test("is denied with a reason that only the customer and the shop read", async () => {
    const { request } = await throughStaff("deletion");
    const answer = await decide(request, "deny", { denial: "unfounded", reason: "She is another person." });
    expect(answer).toMatchObject({ status: 200, body: { state: "denied", denial: "unfounded" } });
    await world.serve(shop.shopId, request.id);
    expect(await read(request)).toMatchObject({ reason: "She is another person." });
    expect(await toldTo()).toEqual(["received", "denied"]);
    const { rows } = await world.owner.query("select body from privacy_notes where shop_id = $1", [
      shop.shopId,
    ]);
    expect(rows[0].body.toString("utf8")).not.toContain("another");
  });

  test("M:ONAMI-54 whose owner is silent for 20 days is carried out, and the owner sees that it was", async () => {
    const { request } = await throughStaff("access");
    expect(await read(request)).toMatchObject({ state: "with_owner", wasOwnerSilent: false });
    world.passTime(20 * day - 60_000);
    await world.serve(shop.shopId, request.id);
    const owner = await world.signIn(shop.shopId, "owner");
    expect(await read(request, owner)).toMatchObject({ state: "with_owner" });
    world.passTime(60_000);
    await world.serve(shop.shopId, request.id);
    expect(await read(request, owner)).toMatchObject({
      state: "completed",
      answer: "packaged",
      wasOwnerSilent: true,
    });
    expect(await world.noticesOf(shop.shopId)).toEqual([
      "privacy_to_answer",
      "privacy_reminder",
      "privacy_done_for_you",
    ]);
    expect(await toldTo()).toEqual(["received", "done"]);
  });

  test("P:ONA-56 has a due date, is reminded of on day 20, escalated on day 29, and overdue on day 30", async () => {
    const { accountId: officer } = await world.addCompliance();
    const request = await world.ask201(shop, { customerId, kind: "correction" });
    expect(Date.parse(request.dueAt) - Date.parse(request.receivedAt)).toBe(30 * day);
    await world.serve(shop.shopId, request.id);
    const seen: Record<number, string[]> = {};
    for (const until of [10, 20, 29, 30]) {
      world.passTime(Date.parse(request.receivedAt) + until * day - world.deps.clock.now().getTime());
      await world.serve(shop.shopId, request.id);
      seen[until] = [...(await world.mailsTo(officer))];
    }
    expect(seen).toEqual({
      10: [],
      20: ["privacy_waits"],
      29: ["privacy_waits", "privacy_waits_long"],
      30: ["privacy_waits", "privacy_waits_long", "privacy_waits_long"],
    });
    expect(await world.noticesOf(shop.shopId)).toEqual([
      "privacy_to_answer",
      "privacy_reminder",
      "privacy_reminder",
      "privacy_reminder",
      "privacy_overdue",
    ]);
    const owner = await world.signIn(shop.shopId, "owner");
    expect(await read(request, owner)).toMatchObject({
      state: "with_owner",
      overdueSince: expect.any(String),
    });
    // Nobody closes it without an answer, not even by hand.
    for (const set of ["state = 'completed'", "state = 'denied'", "state = 'finalising'"]) {
      const closed = world.owner.query(`update privacy_requests set ${set} where shop_id = $1`, [
        shop.shopId,
      ]);
      await expect(closed, set).rejects.toThrow(/check constraint/);
    }
  });

  test("M:ONAMI-62 no request can be promised for later than 30 days", async () => {
    await world.ask201(shop, { customerId, kind: "access" });
    const later = world.owner.query(
      "update privacy_requests set due_at = received_at + interval '720 hours 1 second' where shop_id = $1",
      [shop.shopId],
    );
    await expect(later).rejects.toThrow(/check constraint/);
  });
});

describe("one's own account", () => {
  test("is copied by a fresh step-up alone, and its request is nobody else's", async () => {
    const { accountId } = await world.addAccount();
    await world.addMember(shop.shopId, accountId);
    const token = await world.openSession(accountId);
    await world.owner.query("update sessions set stepped_up_at = null where account_id = $1", [accountId]);
    const ask = (kind: string) => world.ask("POST", "/v1/privacy-requests", { token, body: { kind } });
    for (const kind of ["deletion", "access", "portability"])
      expect(await ask(kind)).toMatchObject({ status: 403, body: { code: "step_up.required" } });
    await world.owner.query(
      "update sessions set stepped_up_at = now() + interval '60 days' where account_id = $1",
      [accountId],
    );
    const { body: request } = await ask("access");
    await world.serve(platformShopId, request.id);
    expect(await read(request, token)).toMatchObject({
      state: "completed",
      customerId: null,
      door: "account",
    });
    expect((await world.ask("GET", "/v1/privacy-requests?of=account", { token })).body.data).toHaveLength(1);
    expect((await world.ask("GET", "/v1/privacy-requests", { token })).body.data).toEqual([]);
    expect((await world.ask("GET", `/v1/privacy-requests/${request.id}`, { token: shop.owner })).status).toBe(
      404,
    );
    expect(await decide(request, "deny", { denial: "unfounded" }, token)).toMatchObject({ status: 404 });
  });

  test("is not taken in for a deletion that nobody could carry out", async () => {
    const { accountId } = await world.addAccount();
    await world.addMember(shop.shopId, accountId);
    const refused = { status: 409, body: { code: "privacy_request.account_not_erasable" } };
    const own = { token: await world.openSession(accountId), body: { kind: "deletion" } };
    expect(await world.ask("POST", "/v1/privacy-requests", own)).toMatchObject(refused);
    const { token } = await world.addCompliance();
    const body = { of: { accountId: toTypeId("acc", accountId) }, kind: "deletion" };
    const staff = await world.ask("POST", "/v1/compliance/privacy-requests", { token, body });
    expect(staff).toMatchObject(refused);
  });

  test("is nothing that a key has", async () => {
    const answer = await world.ask("POST", "/v1/privacy-requests", {
      token: shop.key,
      body: { kind: "access" },
    });
    expect(answer).toMatchObject({ status: 403 });
  });
});

describe("compliance staff", () => {
  test("see what is open of all shops, what is due first first, and decide in the place of a silent shop", async () => {
    const { request, token } = await throughStaff("access");
    // The newest, and due before all others.
    await world.owner.query("update privacy_requests set due_at = '2026-01-01' where id = $1", [
      fromTypeId("pvr", request.id),
    ]);
    const list = (query = "") => world.ask("GET", `/v1/compliance/privacy-requests${query}`, { token });
    const all: { id: string; dueAt: string }[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const { body } = await list(`?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
      all.push(...body.data);
      cursor = body.nextCursor as string | null;
    }
    expect(all[0]?.id).toBe(request.id);
    expect(all.map(({ dueAt }) => dueAt)).toEqual(all.map(({ dueAt }) => dueAt).toSorted());
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const path = `/v1/compliance/privacy-requests/${request.id}`;
    const decided = await world.ask("POST", `${path}/decide`, { token, body: { decision: "carry_out" } });
    expect(decided).toMatchObject({ status: 200, body: { shopId: toTypeId("shop", shop.shopId) } });
    await world.serve(shop.shopId, request.id);
    expect((await world.ask("GET", path, { token })).body).toMatchObject({ state: "completed" });
    expect(await world.auditOf(shop.shopId)).toContain("privacy_request.viewed");
  });

  test("an auditor reads and decides nothing; whoever has another role sees nothing", async () => {
    const { request } = await throughStaff("access");
    const path = `/v1/compliance/privacy-requests/${request.id}`;
    const { token: auditor } = await world.addCompliance("auditor");
    expect((await world.ask("GET", path, { token: auditor })).status).toBe(200);
    const body = { decision: "carry_out" };
    expect((await world.ask("POST", `${path}/decide`, { token: auditor, body })).status).toBe(403);
    const { token: other } = await world.addCompliance("subscription_admin");
    expect((await world.ask("GET", path, { token: other })).status).toBe(403);
    expect((await world.ask("GET", path, { token: shop.owner })).status).toBe(403);
  });

  test("nobody of them decides about their own account", async () => {
    const { accountId, token } = await world.addCompliance();
    const body = { of: { accountId: toTypeId("acc", accountId) }, kind: "correction" };
    const { body: request } = await world.ask("POST", "/v1/compliance/privacy-requests", { token, body });
    const path = `/v1/compliance/privacy-requests/${request.id}/decide`;
    expect(await world.ask("POST", path, { token, body: { decision: "corrected" } })).toMatchObject({
      status: 403,
      body: { code: "privacy_request.own_request" },
    });
  });
});
