import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import type { Tenant } from "../api/owner-world.ts";
import type { CustomerOf } from "../api/owner-rows.ts";
import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld } from "./console-world.ts";
import { findForeignMarkup, hostileTexts } from "./hostile-texts.ts";

let world: ConsoleWorld;
let tenant: Tenant;
let customer: CustomerOf;
let path: string;
beforeAll(async () => {
  world = await createConsoleWorld();
});
beforeEach(async () => {
  tenant = await world.addTenant();
  customer = await world.addCustomer(tenant);
  path = `/console/conversations/${toTypeId("cus", customer.customerId)}`;
});
afterAll(() => world.close());

const open = (path: string, session = tenant.owner) => world.visit("GET", path, { session });
const send = (path: string, form: Record<string, string> = {}) =>
  world.visit("POST", path, { session: tenant.owner, form });

async function conversationRow() {
  const { rows } = await world.owner.query<{ human_until: Date | null; is_agent_enabled: boolean }>(
    "select human_until, is_agent_enabled from conversations where customer_id = $1",
    [customer.customerId],
  );
  return rows[0];
}

async function queuedMessages(): Promise<number> {
  const { rows } = await world.owner.query(
    "select id from intake where customer_id = $1 and kind = 'owner_message'",
    [customer.customerId],
  );
  return rows.length;
}

describe("the list", () => {
  test("has first who waits for a person, with the name of the newest order", async () => {
    const waiting = await world.addCustomer(tenant);
    await world.addOrder(waiting, { contact: { name: "Old name" } });
    await world.addOrder(waiting, { contact: { name: "Ma Waits" } });
    await world.addOrder(customer, { contact: { name: "Ko Newer" } });
    const now = Date.now();
    const set =
      "update conversations set person_asked_at = $2, last_customer_action_at = $3 where customer_id = $1";
    await world.owner.query(set, [waiting.customerId, new Date(now - 9e5), new Date(now - 9e5)]);
    await world.owner.query(set, [customer.customerId, null, new Date(now)]);
    const { html } = await open("/console/conversations");
    expect(html.indexOf("Ma Waits")).toBeGreaterThan(0);
    expect(html.indexOf("Ma Waits")).toBeLessThan(html.indexOf("Ko Newer"));
    expect(html).not.toContain("Old name");
    expect(await world.auditOf(tenant.shopId)).toEqual(["customers.viewed"]);
  });

  test.each([
    ["this customer", "update conversations set is_agent_enabled = false where shop_id = $1"],
    ["the whole shop", "update shops set is_agent_enabled = false where id = $1"],
  ])("counts as waiting who wrote while the agent is off for %s, until it is read", async (_, turnOff) => {
    const badge = /Chats<\/span>\s*<span class="badge">(\d+)</;
    await world.addMessage(customer, { body: { text: "one" }, at: new Date() });
    const answered = await open("/console/conversations");
    expect(badge.exec(answered.html)).toBeNull();
    expect(answered.html).not.toContain("Waiting for a person");
    await world.owner.query(turnOff, [tenant.shopId]);
    const silent = await open("/console/conversations");
    expect(badge.exec(silent.html)?.[1]).toBe("1");
    expect(silent.html).toContain("Waiting for a person");
    expect(silent.html.match(new RegExp(path, "g"))).toHaveLength(1);
    await open(path);
    const read = await open("/console/conversations");
    expect(badge.exec(read.html)).toBeNull();
    expect(read.html).not.toContain("Waiting for a person");
    await world.addMessage(customer, { body: { text: "two" }, at: new Date(), isWaiting: true });
    expect(badge.exec((await open("/console/orders")).html)?.[1]).toBe("1");
  });

  test("leaves nobody out when more wait than one page shows", async () => {
    for (let number = 0; number < 50; number += 1) await world.addCustomer(tenant);
    await world.owner.query("update conversations set person_asked_at = now() where shop_id = $1", [
      tenant.shopId,
    ]);
    const rows = /class="row" href="\/console\/conversations\/cus_/g;
    const first = await open("/console/conversations");
    expect(first.html.match(rows)).toHaveLength(50);
    const more = /href="(\/console\/conversations\?waiting=[^"]+)"/.exec(first.html)?.[1] ?? "";
    expect((await open(more)).html.match(rows)).toHaveLength(1);
  });

  test("is empty in words", async () => {
    const { owner } = await world.addTenant();
    expect((await open("/console/conversations", owner)).html).toContain("Nobody has written yet.");
  });
});

describe("a conversation", () => {
  test("is a transcript of both directions with their states, oldest first", async () => {
    const at = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    await world.addMessage(customer, { body: { text: "first" }, at: at(9) });
    const reply = { kind: "text" as const, text: "second", quickReplies: [{ title: "Yes", payload: "x" }] };
    await world.addMessage(customer, {
      body: { content: reply },
      at: at(8),
      outbox: { state: "sent", readAt: at(7) },
    });
    const late = { ...reply, text: "third", quickReplies: [] };
    await world.addMessage(customer, {
      body: { content: late },
      at: at(6),
      outbox: { state: "waiting_for_window" },
    });
    const card = { title: "Shirt", subtitle: "5,000 MMK", imageObjectId: null, buttons: [] };
    await world.addMessage(customer, {
      body: { content: { kind: "cards", cards: [card] } },
      at: at(5),
      outbox: { state: "sent" },
    });
    const { html } = await open(path);
    const places = ["first", "second", "Yes", "Read", "third", "customer&#39;s next message", "Shirt"].map(
      (text) => html.indexOf(text),
    );
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test("shows what a customer wrote as text", async () => {
    for (const text of hostileTexts) await world.addMessage(customer, { body: { text }, at: new Date() });
    const { html } = await open(path);
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(findForeignMarkup(html)).toEqual([]);
  });

  test("of another shop is not found", async () => {
    const { owner } = await world.addTenant();
    expect((await open(path, owner)).status).toBe(404);
  });

  test("is taken over and given back", async () => {
    expect((await open(path)).html).toContain("Take over");
    const taken = await send(`${path}/take-over`);
    expect(taken.headers.get("location")).toBe(path);
    expect((await conversationRow())?.human_until).toBeInstanceOf(Date);
    expect((await open(path)).html).toContain("Give back to the agent");
    await send(`${path}/give-back`);
    expect((await open(path)).html).toContain("Take over");
  });

  test("has an agent that can be turned off for this customer", async () => {
    await send(`${path}/agent`, { isEnabled: "false" });
    expect((await conversationRow())?.is_agent_enabled).toBe(false);
    const { html } = await open(path);
    expect(html).toContain("Turn the agent on");
  });

  test("takes what a person writes once, however often it is sent, and silences the agent", async () => {
    const form = { key: "once", text: "မင်္ဂလာပါ" };
    expect((await send(`${path}/messages`, form)).status).toBe(303);
    await send(`${path}/messages`, form);
    expect(await queuedMessages()).toBe(1);
    expect((await conversationRow())?.human_until).toBeInstanceOf(Date);
    const { html } = await open(path);
    expect(html).toContain("မင်္ဂလာပါ");
    expect(html).toContain("Being sent");
  });

  test("refuses a card number, and keeps what was typed", async () => {
    const page = await send(`${path}/messages`, { key: "k", text: "pay 4111 1111 1111 1111 </textarea><b>" });
    expect(page.status).toBe(422);
    expect(page.html).toContain("Card numbers, passwords and codes are neither stored nor sent.");
    expect(page.html).toContain("pay 4111 1111 1111 1111 &lt;/textarea&gt;&lt;b&gt;");
    expect(await queuedMessages()).toBe(0);
  });

  test("says when a message would wait for the customer", async () => {
    await world.owner.query("update conversations set last_customer_action_at = $2 where customer_id = $1", [
      customer.customerId,
      new Date(Date.now() - 25 * 3_600_000),
    ]);
    expect((await open(path)).html).toContain("over 24 hours old");
  });
});
