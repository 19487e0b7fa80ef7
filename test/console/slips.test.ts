import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import type { DecisionResult } from "../../workflows/order.contract.ts";
import { decided, jpeg } from "../api/owner-world.ts";
import type { Tenant } from "../api/owner-world.ts";
import type { CustomerOf, OrderOptions } from "../api/owner-rows.ts";
import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld, Page } from "./console-world.ts";

let world: ConsoleWorld;
let tenant: Tenant;
let customer: CustomerOf;
beforeAll(async () => {
  world = await createConsoleWorld();
});
beforeEach(async () => {
  tenant = await world.addTenant();
  customer = await world.addCustomer(tenant);
  world.asked.length = 0;
  world.outside.isTemporalAway = false;
  world.workflow.answer = () => decided;
});
afterAll(() => world.close());

const open = (path: string, session = tenant.owner) => world.visit("GET", path, { session });

async function addSlip(of = customer) {
  const { evidenceId } = await world.addEvidence(of, { picture: await jpeg() });
  return { evidenceId, path: `/console/evidence/${toTypeId("evd", evidenceId)}` };
}

async function addOrder(options: OrderOptions = {}, of = customer): Promise<string> {
  return toTypeId("ord", (await world.addOrder(of, options)).orderId);
}

const link = (path: string, form: Record<string, string>, session = tenant.owner) =>
  world.visit("POST", `${path}/match`, { session, form });

/** Where an answer leads, with what it has to say. */
async function afterwards(answer: Page): Promise<Page & { path: string }> {
  expect(answer.status).toBe(303);
  const flash = /console-flash=[^;]+/.exec(answer.headers.get("set-cookie") ?? "")?.[0] ?? "";
  const headers = { cookie: `session=${tenant.owner}; ${flash}` };
  const path = answer.headers.get("location") ?? "";
  return { ...(await world.visit("GET", path, { headers })), path };
}

describe("slips without an order", () => {
  test("stand on a board of their own, with their number and who sent them", async () => {
    await addOrder({ contact: { name: "Ma Thida" } });
    const { path } = await addSlip();
    const board = await open("/console/orders?board=done");
    expect(board.html).toMatch(/href="\/console\/evidence"[^>]*><span>[^<]+<\/span> <span class="count">1</);
    const { html } = await open("/console/evidence");
    expect(html).toContain(`href="${path}"`);
    expect(html).toContain("Ma Thida");
    expect(await world.auditOf(tenant.shopId)).toEqual(["customers.viewed"]);
  });

  test("are counted beyond those that the first board shows, and go on page by page", async () => {
    for (let number = 0; number < 26; number += 1) await addSlip();
    const { html } = await open("/console/orders");
    expect([...html.matchAll(/href="\/console\/evidence\/evd_/g)]).toHaveLength(5);
    expect(html).toContain("All 26 slips without an order");
    const first = await open("/console/evidence");
    const older = /href="(\/console\/evidence\?cursor=[^"]+)"/.exec(first.html)?.[1] ?? "";
    expect([...(await open(older)).html.matchAll(/href="\/console\/evidence\/evd_/g)]).toHaveLength(1);
  });

  test("are none in words, and none of another shop", async () => {
    const other = await world.addTenant();
    const { path } = await addSlip(await world.addCustomer(other));
    expect((await open("/console/evidence")).html).toContain("Every slip belongs to an order.");
    expect((await open(path)).status).toBe(404);
  });

  test("are found from the conversation of who sent them", async () => {
    const { path } = await addSlip();
    const { html } = await open(`/console/conversations/${toTypeId("cus", customer.customerId)}`);
    expect(html).toContain(`href="${path}"`);
  });
});

describe("the page of a slip without an order", () => {
  test("offers the customer's orders by transfer: open ones first, then the newest", async () => {
    await addOrder({ number: "1", set: { order_state: "cancelled", payment_state: "none" } });
    await addOrder({ number: "2" });
    await addOrder({ number: "3", set: { order_state: "completed", payment_state: "paid" } });
    await addOrder({ number: "4" });
    await addOrder({ number: "5", set: { payment_kind: "cod", payment_state: "cod_due" } });
    await addOrder({ set: { order_state: "draft" } });
    await addOrder({ number: "7" }, await world.addCustomer(tenant));
    const { html } = await open((await addSlip()).path);
    const choices = [...html.matchAll(/<label class="choice".*?<\/label>/gs)].map(([choice]) => choice);
    expect(choices.map((choice) => /Order (\d)</.exec(choice)?.[1])).toEqual(["4", "2", "3", "1"]);
    expect(choices[0]).toContain("11,000 MMK");
    expect(choices[0]).toContain("Payment awaited");
    expect(choices[3]).toContain("Cancelled");
  });

  test("says so when the customer has none", async () => {
    await addOrder({ set: { payment_kind: "cod", payment_state: "cod_due" } });
    const { html } = await open((await addSlip()).path);
    expect(html).toContain("This customer has no order that is paid by transfer.");
    expect(html).not.toContain("/match");
  });

  test("says that nothing was compared yet, not that the slip is still being read", async () => {
    const { evidenceId, path } = await addSlip();
    await world.owner.query("update payment_evidence set verdict = null where id = $1", [evidenceId]);
    const { html } = await open(path);
    expect(html).toContain("It is not known yet which order it is for");
    expect(html).not.toContain("still being read");
  });

  test("says who sent it, as far as an order told the name", async () => {
    await addOrder({ contact: { name: "Ma Thida" } });
    expect((await open((await addSlip()).path)).html).toContain("Ma Thida");
  });

  test("that is decided says what was decided, not that the slip is still being read", async () => {
    const { evidenceId, path } = await addSlip();
    for (const [state, said] of [
      ["returned", "Given back"],
      ["refused", "Refused"],
    ]) {
      await world.owner.query("update payment_evidence set verdict = null, state = $2 where id = $1", [
        evidenceId,
        state,
      ]);
      const { html } = await open(path);
      expect(html, state).toContain(said);
      expect(html, state).not.toContain("Not read yet");
      expect(html, state).not.toContain("still being read");
    }
  });

  test("has one first heading, as a slip of an order has on its own page", async () => {
    const { orderId } = await world.addOrder(customer);
    const { evidenceId } = await world.addEvidence(customer, { picture: await jpeg(), orderId });
    for (const path of [(await addSlip()).path, `/console/evidence/${toTypeId("evd", evidenceId)}`]) {
      expect((await open(path)).html.match(/<h1/g), path).toHaveLength(1);
    }
  });

  test("offers staff no link, and takes none from them", async () => {
    const orderId = await addOrder();
    const { path } = await addSlip();
    expect((await open(path, tenant.staff)).html).not.toContain("/match");
    expect((await link(path, { key: "k", orderId }, tenant.staff)).status).toBe(303);
    expect(world.asked).toEqual([]);
  });
});

describe("linking a slip", () => {
  test("reaches the order's workflow with the slip, and leads to the order", async () => {
    const { orderId } = await world.addOrder(customer, { number: "1001" });
    const order = toTypeId("ord", orderId);
    const { evidenceId, path } = await addSlip();
    world.workflow.answer = () => {
      const change = world.owner
        .query("update orders set version = version + 1 where id = $1", [orderId])
        .then(() => decided);
      // The fake awaits whatever it is given.
      return change as unknown as DecisionResult;
    };
    const { html } = await open(path);
    const form = /<form[^>]*id="slip-form".*?<\/form>/s.exec(html)?.[0] ?? "";
    expect(form).toMatch(new RegExp(`<input type="radio"[^>]*value="${order}"[^>]*checked`));
    const key = /name="key" value="([^"]+)"/.exec(form)?.[1] ?? "";

    const page = await afterwards(await link(path, { key, orderId: order }));

    expect(world.asked).toMatchObject([
      { name: "matchEvidence", workflowId: `order/${order}`, request: { evidenceId } },
    ]);
    expect(page.path).toBe(`/console/orders/${order}`);
    expect(page.html).toContain("The slip belongs to this order now.");
  });

  test("that was done before says so on the order's page", async () => {
    const orderId = await addOrder();
    world.workflow.answer = () => ({ ...decided, outcome: "already" });
    const page = await afterwards(await link((await addSlip()).path, { key: "k", orderId }));
    expect(page.html).toContain("This was decided before.");
  });

  test("without a choice, or to an order that does not allow it, comes back to the slip and says why", async () => {
    const orderId = await addOrder();
    const { path } = await addSlip();
    const unchosen = await afterwards(await link(path, { key: "k" }));
    expect(unchosen.path).toBe(path);
    expect(unchosen.html).toContain("Choose an order first.");
    world.workflow.answer = () => ({ ...decided, outcome: "refused", reason: "evidence.undecided" });
    const refused = await afterwards(await link(path, { key: "k", orderId }));
    expect(refused.path).toBe(path);
    expect(refused.html).toContain("This slip belongs to an order already.");
  });

  test("to an order of another shop, or a slip of another shop, is not found", async () => {
    const other = await world.addCustomer(await world.addTenant());
    const foreign = { orderId: await addOrder({}, other), slip: await addSlip(other) };
    const form = { key: randomUUID(), orderId: foreign.orderId };
    expect((await link((await addSlip()).path, form)).status).toBe(404);
    expect((await link(foreign.slip.path, { key: randomUUID(), orderId: await addOrder() })).status).toBe(
      404,
    );
    expect(world.asked).toEqual([]);
  });

  test("while Temporal is away offers the same key and the same order again", async () => {
    const orderId = await addOrder();
    const { path } = await addSlip();
    world.outside.isTemporalAway = true;
    const page = await link(path, { key: "k4", orderId });
    expect(page.status).toBe(503);
    expect(page.html).toContain('name="key" value="k4"');
    expect(page.html).toContain(`name="orderId" value="${orderId}"`);
    expect(page.html).toContain(`href="${path}"`);
  });
});

describe("settling a slip", () => {
  const settle = (path: string, verb: string, form: Record<string, string>, session = tenant.owner) =>
    world.visit("POST", `${path}/${verb}`, { session, form });
  /** The fake workflow does what the real one does to the row. */
  const becomes = (evidenceId: string, state: string) => () =>
    world.owner
      .query("update payment_evidence set state = $2 where id = $1", [evidenceId, state])
      .then(() => decided) as unknown as DecisionResult;

  test("opens an expired order again, which only such an order is offered", async () => {
    await addOrder({ number: "1", set: { order_state: "cancelled", cancel_reason: "by_customer" } });
    const { evidenceId, path } = await addSlip();
    expect((await open(path)).html).not.toContain("/revive");
    const expired = { order_state: "cancelled", payment_state: "none", cancel_reason: "expired" } as const;
    const orderId = await addOrder({ number: "2", set: expired });
    expect((await open(path)).html).toContain(`formaction="${path}/revive"`);

    const page = await afterwards(await settle(path, "revive", { key: "k", orderId }));

    expect(world.asked).toMatchObject([
      { name: "reviveOrder", workflowId: `order/${orderId}`, request: { evidenceId } },
    ]);
    expect(page.path).toBe(`/console/orders/${orderId}`);
  });

  test("records the money that was given back, as much as was typed, in Myanmar digits too", async () => {
    const { evidenceId, path } = await addSlip();
    world.workflow.answer = becomes(evidenceId, "returned");
    const page = await afterwards(await settle(path, "return", { key: "k", amount: "၄၀,၀၀၀" }));
    expect(world.asked).toMatchObject([
      {
        name: "returnPayment",
        workflowId: `evidence/${toTypeId("evd", evidenceId)}`,
        request: { amountMinor: 40_000, paymentMethodId: null },
      },
    ]);
    expect(page.html).toContain("It is recorded that the money was given back");
    expect(page.html).not.toContain("/return");
  });

  test("asks where the money arrived when there are several ways of transfer", async () => {
    const { path } = await addSlip();
    expect((await open(path)).html).not.toContain('name="paymentMethodId"');
    for (const name of ["KBZPay", "WavePay"]) {
      await world.owner.query(
        "insert into payment_methods (shop_id, id, kind, name, created_at) values ($1, $2, 'transfer', $3, now())",
        [tenant.shopId, randomUUID(), name],
      );
    }
    expect((await open(path)).html).toMatch(/<select[^>]*name="paymentMethodId"[^>]*required/);
  });

  test("refuses a slip, with what was said before when that was done already", async () => {
    const { evidenceId, path } = await addSlip();
    world.workflow.answer = becomes(evidenceId, "refused");
    const first = await afterwards(await settle(path, "refuse", { key: "k1", reason: "Not ours" }));
    expect(first.html).toContain("The slip is refused, and the customer is told.");
    const second = await afterwards(await settle(path, "refuse", { key: "k2" }));
    expect(second.html).toContain("This was decided before.");
  });

  test("is offered to nobody who may not decide about payments, and a wrong amount reaches nobody", async () => {
    const { path } = await addSlip();
    const { html } = await open(path, tenant.staff);
    expect(html).not.toContain("/return");
    expect(html).not.toContain("/refuse");
    await settle(path, "refuse", { key: "k" }, tenant.staff);
    const page = await afterwards(await settle(path, "return", { key: "k", amount: "much" }));
    expect(page.html).toContain("Write the amount in digits.");
    expect(world.asked).toEqual([]);
  });
});
