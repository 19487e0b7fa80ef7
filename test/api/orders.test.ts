import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { newId, toTypeId } from "../../domain/id.ts";
import type { OrderId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { createOwnerWorld, jpeg } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";
import type { CustomerOf, OrderOptions } from "./owner-rows.ts";

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

const contact = { name: "Ma Hla", phone: "+959771234567", township: "Kamayut", address: "No 1" };

async function list(path: string, token = tenant.key): Promise<string[]> {
  const { body } = await world.ask("GET", path, { token });
  return body.data.map(({ id }: { id: string }) => id);
}

async function seal(orderId: OrderId, field: string, rowId: string, plaintext: string): Promise<Sealed> {
  const { shopId, customerId: subjectId } = customer;
  const place = { shopId, subjectId, purpose: "order", field, rowId } as const;
  const [sealed] = await world.deps.sealer.seal([{ place, plaintext }]);
  if (sealed === undefined) throw new Error(`nothing was sealed for ${orderId}`);
  return sealed;
}

async function addEntry(orderId: OrderId, amountMinor: number, kind = "payment"): Promise<void> {
  await world.owner.query(
    `insert into payment_entries
      (shop_id, id, order_id, kind, payment_method_id, amount_minor, currency, effect_key, recorded_at)
      select shop_id, $2::uuid, id, $3, payment_method_id, $4, currency, $2::text, now() from orders where id = $1`,
    [orderId, newId<string>(), kind, amountMinor],
  );
}

describe("orders", () => {
  test("shows the order with its people, goods, money and story, and writes the viewing down", async () => {
    const set = { received_minor: 4_000, payment_state: "part_paid" as const };
    const { orderId, variantId, paymentMethodId } = await world.addOrder(customer, {
      contact,
      set,
      number: "A-1",
    });
    const { evidenceId } = await world.addEvidence(customer, { picture: await jpeg(), orderId });
    await addEntry(orderId, 4_000);
    const eventId = newId<string>();
    const [note, tracking] = [
      await seal(orderId, "order_event.note", eventId, "Blurred"),
      await seal(orderId, "order.tracking", orderId, "Royal 123"),
    ];
    await world.owner.query("update orders set tracking = $2 where id = $1", [orderId, tracking]);
    await world.owner.query(
      `insert into order_events (shop_id, id, order_id, type, actor_kind, data, note, at)
        values ($1, $2, $3, 'placed', 'customer', '{"totalMinor":11000}', null, now() - interval '1 hour'),
               ($1, $4, $3, 'evidence_refused', 'owner', '{}', $5, now())`,
      [tenant.shopId, newId<string>(), orderId, eventId, note],
    );

    const answer = await world.ask("GET", `/v1/orders/${toTypeId("ord", orderId)}`, { token: tenant.staff });
    expect(answer.status).toBe(200);
    const money = (amountMinor: number) => ({ amountMinor, currency: "MMK" });
    expect(answer.body).toMatchObject({
      id: toTypeId("ord", orderId),
      number: "A-1",
      customerId: toTypeId("cus", customer.customerId),
      orderState: "placed",
      paymentState: "part_paid",
      fulfilmentState: "pending",
      phase: "under_review",
      total: money(11_000),
      linesTotal: money(10_000),
      deliveryFee: money(1_000),
      received: money(4_000),
      balance: money(7_000),
      refundOwed: money(0),
      lines: [
        {
          variantId: toTypeId("var", variantId),
          productName: "Shirt",
          variantName: "Red",
          quantity: 2,
          unitPrice: money(5_000),
          lineTotal: money(10_000),
        },
      ],
      contact,
      tracking: "Royal 123",
      paymentMethod: { id: toTypeId("pm", paymentMethodId), name: "KBZPay" },
      events: [
        { type: "placed", actor: { kind: "customer" }, data: { totalMinor: 11_000 }, note: null },
        { type: "evidence_refused", actor: { kind: "owner" }, note: "Blurred" },
      ],
      evidence: [{ id: toTypeId("evd", evidenceId), orderNumber: "A-1", state: "undecided" }],
      payments: [{ kind: "payment", amount: money(4_000), orderNumber: "A-1" }],
    });
    expect(await world.auditOf(tenant.shopId)).toEqual(["order.viewed"]);
  });

  test("says what is owed of a cancelled order, and that nothing is to be paid", async () => {
    const set = {
      order_state: "cancelled" as const,
      payment_state: "refund_due" as const,
      received_minor: 5_000,
    };
    const { orderId } = await world.addOrder(customer, { set });
    const { body } = await world.ask("GET", `/v1/orders/${toTypeId("ord", orderId)}`, { token: tenant.key });
    expect(body).toMatchObject({ balance: { amountMinor: 0 }, refundOwed: { amountMinor: 5_000 } });
  });

  test("shows the order without its person when that was erased", async () => {
    const { orderId } = await world.addOrder(customer, { contact });
    await world.owner.query("delete from subject_keys where subject_id = $1", [customer.customerId]);
    world.deps.sealer.forget(customer.customerId);
    const { status, body } = await world.ask("GET", `/v1/orders/${toTypeId("ord", orderId)}`, {
      token: tenant.key,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ contact: null, total: { amountMinor: 11_000 } });
  });

  test("lists by each of the three states and by customer, without drafts and without names", async () => {
    const other = await world.addCustomer(tenant);
    const add = async (set: OrderOptions["set"], of = customer) =>
      toTypeId("ord", (await world.addOrder(of, set === undefined ? {} : { set, contact })).orderId);
    const due = await add({});
    const paid = await add({ payment_state: "paid", fulfilment_state: "packed" });
    const done = await add({
      order_state: "completed",
      payment_state: "paid",
      fulfilment_state: "delivered",
    });
    const draft = await add({ order_state: "draft", payment_state: "none" }, other);
    const theirs = await add({ payment_state: "under_review" }, other);

    expect(await list("/v1/orders")).toEqual([theirs, done, paid, due]);
    expect(await list("/v1/orders?orderState=draft")).toEqual([draft]);
    expect(await list("/v1/orders?orderState=completed")).toEqual([done]);
    expect(await list("/v1/orders?paymentState=paid")).toEqual([done, paid]);
    expect(await list("/v1/orders?paymentState=paid&fulfilmentState=packed")).toEqual([paid]);
    expect(await list(`/v1/orders?customerId=${toTypeId("cus", other.customerId)}`)).toEqual([theirs]);
    const page = await world.ask("GET", "/v1/orders?limit=3", { token: tenant.key });
    expect(page.body).toMatchObject({ hasMore: true });
    expect(await list(`/v1/orders?limit=3&cursor=${page.body.nextCursor}`)).toEqual([due]);
    expect(page.bytes.toString("utf8")).not.toContain("Ma Hla");
    expect(await world.auditOf(tenant.shopId)).toEqual([]);
  });

  test("refuses states that do not exist", async () => {
    for (const query of ["orderState=open", "paymentState=PAID", "fulfilmentState=lost", "status=placed"]) {
      expect((await world.ask("GET", `/v1/orders?${query}`, { token: tenant.key })).status, query).toBe(422);
    }
  });

  test("is 404 for another shop, and in none of its lists", async () => {
    const other = await world.addTenant();
    const { orderId } = await world.addOrder(customer);
    await addEntry(orderId, 11_000);
    const path = `/v1/orders/${toTypeId("ord", orderId)}`;
    expect((await world.ask("GET", path, { token: other.key })).status).toBe(404);
    for (const lists of ["/v1/orders", "/v1/payments", "/v1/customers", "/v1/payment-evidence"]) {
      expect(await list(lists, other.key), lists).toEqual([]);
    }
  });
});

describe("payments", () => {
  test("lists the ledger, newest first, by order", async () => {
    const one = await world.addOrder(customer, { number: "A-1" });
    const two = await world.addOrder(customer, { number: "A-2" });
    await addEntry(one.orderId, 5_000);
    await addEntry(two.orderId, 11_000, "cash");
    await addEntry(one.orderId, 1_000, "refund");
    const { body } = await world.ask("GET", "/v1/payments", { token: tenant.staff });
    expect(body.data).toMatchObject([
      { kind: "refund", orderNumber: "A-1", amount: { amountMinor: 1_000, currency: "MMK" } },
      { kind: "cash", orderNumber: "A-2" },
      { kind: "payment", orderNumber: "A-1" },
    ]);
    const path = `/v1/payments?limit=1&orderId=${toTypeId("ord", one.orderId)}`;
    const first = await world.ask("GET", path, { token: tenant.key });
    expect(first.body).toMatchObject({ data: [{ kind: "refund" }], hasMore: true });
    const second = await world.ask("GET", `${path}&cursor=${first.body.nextCursor}`, { token: tenant.key });
    expect(second.body).toMatchObject({ data: [{ kind: "payment" }], hasMore: false });
  });
});

describe("customers", () => {
  test("lists them with what they gave with their newest order, as one audited viewing", async () => {
    const silent = await world.addCustomer(tenant);
    await world.addOrder(customer, { contact: { ...contact, name: "Old" } });
    await world.addOrder(customer, { contact });
    await world.addOrder(customer, { contact: { name: "Draft" }, set: { order_state: "draft" } });
    const { body } = await world.ask("GET", "/v1/customers", { token: tenant.staff });
    expect(body.data).toMatchObject([
      { id: toTypeId("cus", silent.customerId), name: null, phone: null, orderCount: 0 },
      { name: "Ma Hla", phone: "+959771234567", language: "en", orderCount: 2 },
    ]);
    expect(await world.auditOf(tenant.shopId)).toEqual(["customers.viewed"]);
  });
});
