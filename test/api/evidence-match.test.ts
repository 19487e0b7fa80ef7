import { randomUUID } from "node:crypto";
import { WorkflowNotFoundError } from "@temporalio/client";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import { createOwnerWorld, decided, jpeg } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";
import type { CustomerOf, TestEvidence, TestOrder } from "./owner-rows.ts";

let world: OwnerWorld;
let tenant: Tenant;
let customer: CustomerOf;
let slip: TestEvidence;
let order: TestOrder;
beforeAll(async () => {
  world = await createOwnerWorld();
});
beforeEach(async () => {
  tenant = await world.addTenant();
  customer = await world.addCustomer(tenant);
  order = await world.addOrder(customer);
  slip = await world.addEvidence(customer, { picture: await jpeg() });
  world.asked.length = 0;
  world.workflow.answer = () => decided;
});
afterAll(() => world.close());

type Matching = { token?: string; orderId?: string; key?: string };

function match({ token = tenant.owner, orderId = order.orderId, key = randomUUID() }: Matching = {}) {
  return world.ask("POST", `/v1/payment-evidence/${toTypeId("evd", slip.evidenceId)}/match`, {
    token,
    body: { orderId: toTypeId("ord", orderId) },
    headers: { "idempotency-key": key },
  });
}

/** The workflow has ended; what its activity had changed before stands in the row. */
function workflowHasEnded(): void {
  world.workflow.answer = ({ workflowId }) => {
    throw new WorkflowNotFoundError("no such run", workflowId, undefined);
  };
}

describe("matching a slip to an order", () => {
  test("asks the order's workflow with the slip's id, and answers with the order", async () => {
    const answer = await match();
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id: toTypeId("ord", order.orderId), paymentState: "due" });
    expect(world.asked).toMatchObject([
      {
        name: "matchEvidence",
        workflowId: `order/${toTypeId("ord", order.orderId)}`,
        request: { evidenceId: slip.evidenceId, by: { accountId: expect.any(String) } },
      },
    ]);
  });

  test("is asked once for each Idempotency-Key, and answered again with what the row says now", async () => {
    const key = randomUUID();
    const first = await match({ key });
    await world.owner.query("update orders set payment_state = 'under_review' where id = $1", [
      order.orderId,
    ]);
    const again = await match({ key });
    expect(again.body).toEqual({ ...first.body, paymentState: "under_review" });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(world.asked).toHaveLength(1);
    const other = await world.addOrder(customer);
    expect((await match({ key, orderId: other.orderId })).body.code).toBe("idempotency.key_reused");
  });

  test("of somebody else's order is a 409 with the reason's code", async () => {
    world.workflow.answer = () => ({ ...decided, outcome: "refused", reason: "evidence.not_found" });
    const answer = await match({ orderId: (await world.addOrder(await world.addCustomer(tenant))).orderId });
    expect([answer.status, answer.body.code]).toEqual([409, "evidence.not_found"]);
  });

  test("is 404 for another shop, its slip and its order alike, and asks no workflow", async () => {
    const other = await world.addTenant();
    const foreign = await world.addOrder(await world.addCustomer(other));
    expect((await match({ token: other.owner, orderId: foreign.orderId })).status).toBe(404);
    expect((await match({ orderId: foreign.orderId })).status).toBe(404);
    expect(world.asked).toEqual([]);
  });

  test("that was done before answers with the order as it is", async () => {
    world.workflow.answer = () => ({ ...decided, outcome: "already" });
    await world.owner.query("update orders set payment_state = 'under_review' where id = $1", [
      order.orderId,
    ]);
    const answer = await match();
    expect(answer.status).toBe(200);
    expect(answer.body.paymentState).toBe("under_review");
  });

  test("whose workflow has ended is answered from the row: done for this order, else not known", async () => {
    workflowHasEnded();
    await world.owner.query("update payment_evidence set order_id = $1, state = 'undecided' where id = $2", [
      order.orderId,
      slip.evidenceId,
    ]);
    expect((await match()).status).toBe(200);
    const other = await world.addOrder(customer);
    expect((await match({ orderId: other.orderId })).status).toBe(503);
  });

  test("is not for staff, and names an order", async () => {
    expect((await match({ token: tenant.staff })).status).toBe(403);
    const path = `/v1/payment-evidence/${toTypeId("evd", slip.evidenceId)}/match`;
    for (const body of [
      {},
      { orderId: "ord_nonsense" },
      { orderId: toTypeId("ord", order.orderId), force: 1 },
    ]) {
      expect((await world.ask("POST", path, { token: tenant.owner, body })).status).toBe(422);
    }
    expect(world.asked).toEqual([]);
  });
});
