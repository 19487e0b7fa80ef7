import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { AppError } from "../../domain/app-error.ts";
import { fromTypeId, toTypeId } from "../../domain/id.ts";
import type { OrderId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { createOwnerWorld, decided, jpeg } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";
import type { CustomerOf } from "./owner-rows.ts";

let world: OwnerWorld;
let tenant: Tenant;
let customer: CustomerOf;
let orderId: OrderId;
let path: string;
beforeAll(async () => {
  world = await createOwnerWorld();
});
beforeEach(async () => {
  tenant = await world.addTenant();
  customer = await world.addCustomer(tenant);
  ({ orderId } = await world.addOrder(customer));
  path = `/v1/orders/${toTypeId("ord", orderId)}`;
  world.asked.length = 0;
  world.workflow.answer = () => decided;
});
afterAll(() => world.close());

const decide = (verb: string, body?: object, token = tenant.owner, headers: Record<string, string> = {}) =>
  world.ask("POST", `${path}/${verb}`, { token, headers, ...(body === undefined ? {} : { body }) });

/** What the intake keeps of a text whose id travelled. */
async function noteOf(id: unknown): Promise<string> {
  const { rows } = await world.owner.query("select * from intake where id = $1 and kind = 'reason'", [id]);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ order_id: orderId, customer_id: customer.customerId });
  const { shopId, customerId: subjectId } = customer;
  const place = { shopId, subjectId, purpose: "order", field: "intake.note", rowId: rows[0].id } as const;
  const [plaintext] = await world.deps.sealer.open([{ place, sealed: rows[0].body as Sealed }]);
  return plaintext?.toString("utf8") ?? "";
}

const verbs = [
  "accept-cash-on-delivery",
  "confirm-payment",
  "refuse-payment",
  "request-evidence-again",
  "pack",
  "ship",
  "deliver",
  "cancel",
  "refund",
];

describe("a decision", () => {
  test.each([
    ["accept-cash-on-delivery", "acceptCashOnDelivery", {}],
    ["pack", "packOrder", {}],
    ["deliver", "deliverOrder", {}],
    ["ship", "shipOrder", { trackingIntakeId: null }],
    ["cancel", "cancelOrder", { actor: "owner", reasonIntakeId: null }],
    ["confirm-payment", "confirmPayment", { evidenceId: null, amountMinor: null, referenceIntakeId: null }],
    ["refund", "refundOrder", { amountMinor: null }],
  ])("%s asks the order's workflow, without a body", async (verb, name, request) => {
    const answer = await decide(verb);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id: toTypeId("ord", orderId), orderState: "placed" });
    expect(world.asked).toHaveLength(1);
    expect(world.asked[0]).toMatchObject({ name, workflowId: `order/${toTypeId("ord", orderId)}`, request });
    expect(world.asked[0]?.request.by).toMatchObject({ accountId: expect.any(String) });
  });

  test("answers with the state that the row has afterwards", async () => {
    world.workflow.answer = () => ({ ...decided, outcome: "already" });
    await world.owner.query(
      "update orders set fulfilment_state = 'packed', packed_at = now(), version = 2 where id = $1",
      [orderId],
    );
    const answer = await decide("pack");
    expect(answer.body).toMatchObject({ fulfilmentState: "packed", version: 2 });
  });

  test("is carried out once for each Idempotency-Key, and answered again", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const first = await decide("ship", { tracking: "Royal 1" }, tenant.owner, headers);
    const again = await decide("ship", { tracking: "Royal 1" }, tenant.owner, headers);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(world.asked).toHaveLength(1);
    const other = await decide("ship", { tracking: "Royal 2" }, tenant.owner, headers);
    expect(other.body.code).toBe("idempotency.key_reused");
  });

  test("has the same update id, effect and note when its first answer was lost", async () => {
    const headers = { "idempotency-key": randomUUID() };
    world.workflow.answer = () => {
      throw new AppError("unknown_outcome", "decision.pending", { internal: "late" });
    };
    const lost = await decide("cancel", { reason: "No stock" }, tenant.owner, headers);
    expect(lost.status).toBe(504);
    world.workflow.answer = () => decided;
    const found = await decide("cancel", { reason: "No stock" }, tenant.owner, headers);
    expect(found.status).toBe(200);
    const [first, second] = world.asked;
    expect(second).toEqual(first);
    expect(await noteOf(second?.request.reasonIntakeId)).toBe("No stock");
  });

  test("that the order does not allow is a 409 with the reason's code", async () => {
    world.workflow.answer = () => ({ ...decided, outcome: "refused", reason: "order.not_paid" });
    const answer = await decide("ship");
    expect(answer.status).toBe(409);
    expect(answer.body.code).toBe("order.not_paid");
  });

  test("is a 503 while Temporal is away, and is queued nowhere", async () => {
    world.outside.isTemporalAway = true;
    const answer = await decide("pack");
    world.outside.isTemporalAway = false;
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(world.asked).toEqual([]);
  });

  test("is 404 for another shop, and asks no workflow", async () => {
    const other = await world.addTenant();
    for (const verb of verbs) expect((await decide(verb, {}, other.owner)).status, verb).toBe(404);
    expect(world.asked).toEqual([]);
  });

  test("demands an Idempotency-Key and refuses unknown fields", async () => {
    for (const verb of verbs) {
      const response = await world.api.app.request(`${path}/${verb}`, {
        method: "POST",
        headers: { authorization: `Bearer ${tenant.key}` },
      });
      expect(response.status, verb).toBe(400);
      expect((await decide(verb, { force: true })).status, verb).toBe(422);
    }
    expect(world.asked).toEqual([]);
  });

  test("about money is not for staff, all others are", async () => {
    const statuses: Record<string, number> = {};
    for (const verb of verbs) statuses[verb] = (await decide(verb, {}, tenant.staff)).status;
    expect(statuses).toEqual({
      "accept-cash-on-delivery": 200,
      "confirm-payment": 403,
      "refuse-payment": 403,
      "request-evidence-again": 403,
      pack: 200,
      ship: 200,
      deliver: 200,
      cancel: 200,
      refund: 403,
    });
  });

  test("by an API key names the key, and no account", async () => {
    await decide("pack", {}, tenant.key);
    expect(world.asked[0]?.request.by).toEqual({ accountId: null, apiKeyId: expect.any(String) });
  });
});

describe("texts", () => {
  test("travel as ids of what is sealed in the intake", async () => {
    await decide("ship", { tracking: "Royal Express 555" });
    await decide("cancel", { reason: "ပစ္စည်းကုန်သွားပါပြီ" });
    await decide("confirm-payment", { reference: "TX-99", amountMinor: 11_000 });
    expect(JSON.stringify(world.asked)).not.toMatch(/Royal|ပစ္စည်း|TX-99/);
    const [ship, cancel, confirm] = world.asked.map(({ request }) => request);
    expect(await noteOf(ship?.trackingIntakeId)).toBe("Royal Express 555");
    expect(await noteOf(cancel?.reasonIntakeId)).toBe("ပစ္စည်းကုန်သွားပါပြီ");
    expect(await noteOf(confirm?.referenceIntakeId)).toBe("TX-99");
    expect(confirm).toMatchObject({ amountMinor: 11_000 });
  });

  test("are refused about a customer who is being erased, and the decision is taken without", async () => {
    await world.owner.query("update subjects set state = 'erasing' where id = $1", [customer.customerId]);
    const withText = await decide("ship", { tracking: "Royal 1" });
    expect([withText.status, withText.body.code]).toEqual([409, "customer.erasing"]);
    expect((await decide("ship")).status).toBe(200);
  });

  test.each([
    ["confirm-payment", { amountMinor: 0 }],
    ["confirm-payment", { amountMinor: 1.5 }],
    ["confirm-payment", { evidenceId: "evd_nonsense" }],
    ["refund", { amountMinor: -5 }],
    ["cancel", { reason: "" }],
    ["ship", { tracking: "a\nb" }],
  ])("%s refuses %j", async (verb, body) => {
    expect((await decide(verb, body)).status).toBe(422);
    expect(world.asked).toEqual([]);
  });
});

describe("slips", () => {
  test("are refused or asked for again, by id or, left to the plan, the newest that waits", async () => {
    const { evidenceId } = await world.addEvidence(customer, { picture: await jpeg(), orderId });
    await decide("refuse-payment", { reason: "Another account" });
    await decide("request-evidence-again", { evidenceId: toTypeId("evd", evidenceId) });
    expect(world.asked).toMatchObject([
      { name: "refusePayment", request: { evidenceId: null, asksAgain: false } },
      { name: "refusePayment", request: { evidenceId, asksAgain: true, reasonIntakeId: null } },
    ]);
    expect(await noteOf(world.asked[0]?.request.reasonIntakeId)).toBe("Another account");
  });

  test("confirmed by id are handed on by id", async () => {
    const { evidenceId } = await world.addEvidence(customer, { picture: await jpeg(), orderId });
    const text = toTypeId("evd", evidenceId);
    expect(fromTypeId("evd", text)).toBe(evidenceId);
    await decide("confirm-payment", { evidenceId: text });
    expect(world.asked[0]?.request).toMatchObject({ evidenceId, amountMinor: null });
  });
});
