import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import { decided, jpeg } from "../api/owner-world.ts";
import type { AskedUpdate, Tenant } from "../api/owner-world.ts";
import type { CustomerOf } from "../api/owner-rows.ts";
import type { DecisionResult } from "../../workflows/order.contract.ts";
import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld, Page } from "./console-world.ts";
import { findForeignMarkup, hostileTexts } from "./hostile-texts.ts";

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
const send = (path: string, form: Record<string, string>, session = tenant.owner) =>
  world.visit("POST", path, { session, form });
const pathOf = (orderId: string) => `/console/orders/${toTypeId("ord", orderId)}`;

/** A flash is shown once, by the next page. */
async function afterwards(answer: Page, session = tenant.owner): Promise<Page> {
  expect(answer.status).toBe(303);
  const flash = /console-flash=[^;]+/.exec(answer.headers.get("set-cookie") ?? "")?.[0] ?? "";
  const headers = { cookie: `session=${session}; ${flash}` };
  return world.visit("GET", answer.headers.get("location") ?? "", { headers });
}

/** The decision's activity changes the row before the workflow answers. */
function workflowChangesRow(orderId: string): void {
  world.workflow.answer = () => {
    const change = world.owner
      .query("update orders set version = version + 1 where id = $1", [orderId])
      .then(() => decided);
    // The fake awaits whatever it is given.
    return change as unknown as DecisionResult;
  };
}

async function orderUnderReview() {
  const set = { payment_state: "under_review" as const, review_since: new Date() };
  const { orderId } = await world.addOrder(customer, { set, number: "1001" });
  const { evidenceId } = await world.addEvidence(customer, {
    picture: await jpeg(),
    orderId,
    reading: { amountMinor: 11_000, currency: "MMK", reference: "R-77", payee: "Daw Hla" },
  });
  return { orderId, evidence: toTypeId("evd", evidenceId), path: pathOf(orderId) };
}

describe("the boards", () => {
  test("hold each order where it waits, and say how many", async () => {
    const now = new Date();
    const add = (number: string, set: object) => world.addOrder(customer, { number, set });
    await add("1", { payment_state: "under_review", review_since: now });
    await add("2", { payment_kind: "cod", payment_state: "cod_due" });
    await add("3", {});
    await add("4", { payment_state: "paid", received_minor: 11_000 });
    await add("5", { payment_state: "paid", received_minor: 11_000, fulfilment_state: "shipped" });
    await add("6", { order_state: "cancelled", payment_state: "refund_due", received_minor: 11_000 });
    await add("7", { order_state: "completed", payment_state: "paid", received_minor: 12_000 });
    await add("8", { payment_kind: "cod", payment_state: "cod_due", cod_accepted_at: now });
    await add("9", { order_state: "draft" });
    const boards = {
      decide: ["2", "1"],
      payment: ["3"],
      ship: ["8", "4"],
      onTheWay: ["5"],
      refund: ["7", "6"],
      done: ["7"],
    };
    for (const [board, numbers] of Object.entries(boards)) {
      const { html } = await open(`/console/orders?board=${board}`);
      expect(
        [...html.matchAll(/<strong>#(\d)<\/strong>/g)].map(([, number]) => number),
        board,
      ).toEqual(numbers);
      const count = /aria-current="page"[^>]*><span>[^<]+<\/span> <span class="count">(\d+)</.exec(html)?.[1];
      expect(Number(count), board).toBe(numbers.length);
    }
  });

  test("show names, and write that down as one viewing", async () => {
    await world.addOrder(customer, { contact: { name: "Ma Thida" } });
    const { html } = await open("/console/orders?board=payment");
    expect(html).toContain("Ma Thida");
    expect(await world.auditOf(tenant.shopId)).toEqual(["orders.viewed"]);
  });

  test("hold slips without an order among what is to decide", async () => {
    await world.addEvidence(customer, { picture: await jpeg() });
    const { html } = await open("/console/orders");
    expect(html).toContain("Slips without an order");
    expect(html).toContain('class="badge">1<');
  });

  test("say what is missing when they are empty, and show nothing of another shop", async () => {
    const other = await world.addTenant();
    await world.addOrder(await world.addCustomer(other), {});
    const { html } = await open("/console/orders?board=payment");
    expect(html).toContain("No order waits for a payment.");
  });

  test("go on page by page", async () => {
    for (let number = 1; number <= 26; number += 1) await world.addOrder(customer, { number: `N${number}` });
    const first = await open("/console/orders?board=payment");
    const older = /href="(\/console\/orders\?board=payment&amp;before=[^"]+)"/.exec(first.html)?.[1] ?? "";
    const second = await open(older.replace("&amp;", "&"));
    expect([...second.html.matchAll(/<strong>#/g)]).toHaveLength(1);
  });
});

describe("an order's page", () => {
  test("has the slip's picture beside order and verdict, and serves it to this session", async () => {
    const { path } = await orderUnderReview();
    const { html } = await open(path);
    for (const text of [
      "Order 1001",
      "R-77",
      "Daw Hla",
      "Matches",
      "Amount, payee and time fit",
      "11,000 MMK",
    ]) {
      expect(html).toContain(text);
    }
    const picture = /src="(\/console\/pictures\/[^"]+)"/.exec(html)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const served = await open(picture);
    expect(served.status).toBe(200);
    expect(served.headers.get("content-type")).toBe("image/jpeg");
    expect(served.headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
    expect((await open(picture, tenant.staff)).status).toBe(403);
    expect(await world.auditOf(tenant.shopId)).toEqual(["order.viewed", "evidence.viewed", "picture.viewed"]);
  });

  test("says in words from when on a payment fits", async () => {
    const { html } = await open((await orderUnderReview()).path);
    expect(html).toMatch(/<td[^>]*>after <time/);
    expect(html).not.toContain("≥");
  });

  test("says that cancelling on the way is for goods that have come back", async () => {
    const said = "Only when the goods have come back: they are for sale again at once.";
    const shipped = await world.addOrder(customer, { set: { ...paid, fulfilment_state: "shipped" } });
    expect((await open(pathOf(shipped.orderId))).html).toContain(said);
    const packed = await world.addOrder(customer, { set: { ...paid, fulfilment_state: "packed" } });
    expect((await open(pathOf(packed.orderId))).html).not.toContain(said);
  });

  test("shows what people wrote as text, whatever they wrote", async () => {
    for (const text of hostileTexts) {
      const { orderId } = await world.addOrder(customer, {
        contact: { name: text, phone: text, township: text, address: text },
      });
      const { html } = await open(pathOf(orderId));
      expect(findForeignMarkup(html)).toEqual([]);
    }
  });

  test("shows characters that would turn a text around", async () => {
    const { orderId } = await world.addOrder(customer, { contact: { name: "Ma \u202Eali" } });
    const { html } = await open(pathOf(orderId));
    expect(html).toContain('<bdi>Ma <span class="hidden-character">U+202E</span>ali</bdi>');
    expect(html).not.toContain("\u202E");
  });

  const [paid, now] = [{ payment_state: "paid" as const, received_minor: 11_000 }, new Date()];
  const cod = { payment_kind: "cod" as const, payment_state: "cod_due" as const };
  const part = { payment_state: "part_paid" as const, received_minor: 5_000 };
  const ended = { order_state: "cancelled" as const };
  test.each([
    ["The customer has not paid yet.", ["confirm-payment", "cancel"], {}],
    ["A part is paid.", ["confirm-payment", "refund", "cancel"], { ...paid, ...part }],
    ["Ready to be packed and sent.", ["pack", "ship", "refund", "cancel"], paid],
    ["Ready to be packed", ["ship", "refund", "cancel"], { ...paid, fulfilment_state: "packed" as const }],
    ["On the way.", ["deliver", "refund", "cancel"], { ...paid, fulfilment_state: "shipped" as const }],
    ["Accept the cash on delivery", ["accept-cash-on-delivery", "cancel"], cod],
    ["Ready to be packed", ["pack", "ship", "cancel"], { ...cod, cod_accepted_at: now }],
    ["Give the money back", ["refund"], { ...ended, ...paid, payment_state: "refund_due" as const }],
    ["This order is closed.", [], { ...ended, payment_state: "none" as const }],
  ])("says %j and offers %j", async (standing, verbs, set) => {
    const { orderId } = await world.addOrder(customer, { set });
    const { html } = await open(pathOf(orderId));
    expect(html).toContain(standing);
    const offered = html.matchAll(/action="\/console\/orders\/ord_[^/"]+\/([a-z-]+)"/g);
    expect([...offered].map(([, verb]) => verb)).toEqual(verbs);
  });

  test("of another shop is not found, to look at and to decide", async () => {
    const other = await world.addTenant();
    const { orderId } = await world.addOrder(await world.addCustomer(other), {});
    expect((await open(pathOf(orderId))).status).toBe(404);
    expect((await send(`${pathOf(orderId)}/cancel`, { key: "k" })).status).toBe(404);
    expect(world.asked).toEqual([]);
  });
});

describe("a decision", () => {
  test("reaches the workflow with its slip, the amount as edited and its key", async () => {
    const { orderId, evidence, path } = await orderUnderReview();
    workflowChangesRow(orderId);
    const { html } = await open(path);
    const form = /<form[^>]*confirm-payment[^>]*>.*?<\/form>/s.exec(html)?.[0] ?? "";
    const key = /name="key" value="([^"]+)"/.exec(form)?.[1] ?? "";
    expect(form).toContain(`name="evidenceId" value="${evidence}"`);
    expect(form).toContain('value="11000"');
    const fields = { key, evidenceId: evidence, amount: "၁၀,၅၀၀", reference: "" };
    const answer = await send(`${path}/confirm-payment`, fields);
    expect(world.asked).toHaveLength(1);
    expect(world.asked[0]).toMatchObject({ name: "confirmPayment", request: { amountMinor: 10_500 } });
    expect((await afterwards(answer)).html).toContain("The payment is recorded, and the customer is told.");
  });

  test("sent twice is asked once, and the second time says that nothing was changed", async () => {
    const { orderId, path } = await orderUnderReview();
    workflowChangesRow(orderId);
    await send(`${path}/confirm-payment`, { key: "same", amount: "11000" });
    const second = await send(`${path}/confirm-payment`, { key: "same", amount: "11000" });
    expect(world.asked).toHaveLength(1);
    expect((await afterwards(second)).html).toContain("This was decided before.");
  });

  test("that somebody took before says so", async () => {
    const { path } = await orderUnderReview();
    world.workflow.answer = () => ({ ...decided, outcome: "already" });
    const answer = await send(`${path}/cancel`, { key: "k1" });
    expect((await afterwards(answer)).html).toContain("This was decided before.");
  });

  test("that the order does not allow says why", async () => {
    const { path } = await orderUnderReview();
    world.workflow.answer = () => ({ ...decided, outcome: "refused", reason: "order.not_paid" });
    const answer = await send(`${path}/pack`, { key: "k2" });
    const page = await afterwards(answer);
    expect(page.html).toContain('role="alert"');
    expect(page.html).toContain("This order is not paid yet.");
  });

  test("with words that are no amount is not taken", async () => {
    const { path } = await orderUnderReview();
    const answer = await send(`${path}/confirm-payment`, { key: "k3", amount: "a lot" });
    expect((await afterwards(answer)).html).toContain("Write the amount in digits.");
    expect(world.asked).toEqual([]);
  });

  test("while Temporal is away offers the same key again, with what was typed", async () => {
    const { path } = await orderUnderReview();
    world.outside.isTemporalAway = true;
    const page = await send(`${path}/cancel`, { key: "k4", reason: 'sold "out"' });
    expect(page.status).toBe(503);
    expect(page.html).toContain("Nothing was changed.");
    expect(page.html).toContain('name="key" value="k4"');
    expect(page.html).toContain('name="reason" value="sold &quot;out&quot;"');
  });

  test.each([
    ["refuse-payment", { reason: "blurred" }, "refusePayment", { asksAgain: false }],
    ["request-evidence-again", {}, "refusePayment", { asksAgain: true }],
    ["accept-cash-on-delivery", {}, "acceptCashOnDelivery", {}],
    ["pack", {}, "packOrder", {}],
    ["ship", { tracking: "Royal 1" }, "shipOrder", {}],
    ["deliver", {}, "deliverOrder", {}],
    ["cancel", { reason: "sold out" }, "cancelOrder", { actor: "owner" }],
    ["refund", { amount: "5,000" }, "refundOrder", { amountMinor: 5_000 }],
  ])("%s asks for its own update", async (verb, fields, name, request) => {
    const { path } = await orderUnderReview();
    const answer = await send(`${path}/${verb}`, { key: verb, ...fields });
    expect(answer.status).toBe(303);
    expect(world.asked).toMatchObject([{ name, request }] as Partial<AskedUpdate>[]);
  });

  test("about money is neither offered to staff nor taken from them", async () => {
    const { path } = await orderUnderReview();
    const { html } = await open(path, tenant.staff);
    expect(html).not.toContain("confirm-payment");
    expect(html).toContain(`${path}/cancel`);
    const answer = await send(`${path}/confirm-payment`, { key: "k5", amount: "1" }, tenant.staff);
    expect((await afterwards(answer, tenant.staff)).html).toContain("You are not allowed to do this.");
    expect(world.asked).toEqual([]);
  });

  test("that another site sends is refused", async () => {
    const { path } = await orderUnderReview();
    const answer = await world.visit("POST", `${path}/cancel`, {
      session: tenant.owner,
      form: { key: "k6" },
      headers: { origin: "https://evil.example" },
    });
    expect(answer.status).toBe(403);
    expect(world.asked).toEqual([]);
  });
});
