import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { fromTypeId, newId, toTypeId } from "../../domain/id.ts";
import { currencies } from "../../domain/money.ts";
import type { Currency } from "../../domain/money.ts";
import type { Tenant } from "../api/owner-world.ts";
import { createUpgradeWorld } from "../api/upgrade-world.ts";
import type { UpgradeWorld } from "../api/upgrade-world.ts";
import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld } from "./console-world.ts";

let world: UpgradeWorld;
let pages: ConsoleWorld;
beforeAll(async () => {
  world = await createUpgradeWorld();
  pages = await createConsoleWorld(world);
});
afterAll(() => pages.close());

const visit = (tenant: Tenant, path: string) => pages.visit("GET", path, { session: tenant.owner });

async function speakBurmese(tenant: Tenant) {
  await pages.visit("POST", "/console/language", { session: tenant.owner, form: { language: "my" } });
}

let issued = 0;

type Issued = { amountMinor?: number; currency?: Currency; corrects?: string; requestId?: string };

/** An invoice for a plan, or the credit note of one; without the payment. */
async function issue(
  tenant: Tenant,
  { amountMinor = 45_000, currency = "MMK", corrects, requestId }: Issued = {},
) {
  const { body } =
    requestId === undefined
      ? await world.ask("POST", "/v1/upgrade-requests", {
          token: tenant.owner,
          body: { planCode: "starter" },
        })
      : { body: { id: requestId } };
  // As paid: the shop may ask for the next one.
  await world.owner.query("update upgrade_requests set state = 'approved' where shop_id = $1", [
    tenant.shopId,
  ]);
  issued += 1;
  const id = newId<string>();
  const number = `${corrects === undefined ? "INV" : "CN"}-2026-${String(issued).padStart(6, "0")}`;
  const names = { en: "Starter", my: "အခြေခံ" };
  const line = { kind: "plan", code: "starter", version: 1, names, periodMonths: 1, amountMinor };
  await world.owner.query(
    `insert into invoices (shop_id, id, kind, number, request_id, corrects_id, amount_minor, currency, lines, tax, seller,
        shop_name, time_zone, issued_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'Shop', 'Asia/Tokyo', '2026-12-31T16:00:00Z')`,
    [
      tenant.shopId,
      id,
      corrects === undefined ? "invoice" : "credit_note",
      number,
      fromTypeId("upg", body.id),
      corrects === undefined ? null : fromTypeId("inv", corrects),
      amountMinor,
      currency,
      JSON.stringify([line]),
      { label: "Commercial tax", rateBps: 750, amountMinor: 3_140 },
      { name: "Shopthread Co.", address: "1 Strand Road", registration: "Reg. 1001" },
    ],
  );
  return { id: toTypeId("inv", id), number, requestId: body.id as string };
}

describe("the owner's page of invoices", () => {
  test("is led to from the plan, and says so when there is none yet", async () => {
    const tenant = await world.addTenant();
    expect((await visit(tenant, "/console/plan")).html).toContain('href="/console/plan/invoices"');
    expect((await visit(tenant, "/console/plan/invoices")).html).toContain("There is none yet.");
    await speakBurmese(tenant);
    expect((await visit(tenant, "/console/plan/invoices")).html).toContain("မရှိသေးပါ။");
  });

  test("lists each with what it is about, and what was taken back", async () => {
    const tenant = await world.addTenant();
    const { id, number, requestId } = await issue(tenant);
    const note = await issue(tenant, { corrects: id, requestId });
    const { html } = await visit(tenant, "/console/plan/invoices");
    for (const text of [
      `${number}</strong>`,
      "Taken back",
      `${note.number}</strong>`,
      "Credit note",
      "-45,000 MMK",
    ])
      expect(html).toContain(text);
  });

  test("keeps to whom the next one is made out", async () => {
    const tenant = await world.addTenant();
    const form = { name: "Daw Hla & Sons", address: "12 Merchant Road\r\nYangon" };
    const path = "/console/plan/billing-details";
    expect((await pages.visit("POST", path, { session: tenant.owner, form })).status).toBe(303);
    const { html } = await visit(tenant, "/console/plan/invoices");
    expect(html).toContain('value="Daw Hla &amp; Sons"');
    expect(html).toContain("12 Merchant Road\nYangon</textarea>");
  });

  test("is nothing for staff", async () => {
    const tenant = await world.addTenant();
    const { id } = await issue(tenant);
    for (const path of ["/console/plan/invoices", `/console/plan/invoices/${id}`]) {
      expect((await pages.visit("GET", path, { session: tenant.staff })).status).toBe(403);
    }
  });
});

describe("the page of an invoice", () => {
  test("is whole in English and in Burmese, on the day of the shop's calendar", async () => {
    const tenant = await world.addTenant();
    const { id, number } = await issue(tenant);
    const path = `/console/plan/invoices/${id}`;
    const english = await visit(tenant, path);
    for (const text of [
      `Invoice ${number}`,
      "1 January 2027",
      "Shopthread Co.\n1 Strand Road\nReg. 1001",
      "Starter · 1 month",
      "45,000 MMK",
      "including Commercial tax 7.5 %",
      "3,140 MMK",
    ])
      expect(english.html).toContain(text);
    await speakBurmese(tenant);
    const burmese = await visit(tenant, path);
    for (const text of [`ငွေရပြေစာ ${number}`, "ဇန်နဝါရီ", "အခြေခံ · 1 လ", "45,000 MMK", "စုစုပေါင်း"])
      expect(burmese.html).toContain(text);
  });

  test("and that of its credit note lead to each other", async () => {
    const tenant = await world.addTenant();
    const { id, number, requestId } = await issue(tenant);
    const note = await issue(tenant, { corrects: id, requestId });
    const invoicePage = await visit(tenant, `/console/plan/invoices/${id}`);
    expect(invoicePage.html).toContain(`href="/console/plan/invoices/${note.id}">${note.number}`);
    const notePage = await visit(tenant, `/console/plan/invoices/${note.id}`);
    expect(notePage.html).toContain(`Credit note ${note.number}`);
    expect(notePage.html).toContain(`href="/console/plan/invoices/${id}">${number}`);
    expect(notePage.html).toContain("-45,000 MMK");
  });

  const written: Record<Currency, string> = {
    MMK: "1,234,567 MMK",
    IDR: "1,234,567 IDR",
    THB: "12,345.67 THB",
    USD: "12,345.67 USD",
    SGD: "12,345.67 SGD",
    MYR: "12,345.67 MYR",
  };
  let payer: Tenant;
  beforeAll(async () => {
    payer = await world.addTenant();
  });
  test.each(currencies)("writes amounts of %s with its decimals", async (currency) => {
    const { id } = await issue(payer, { amountMinor: 1_234_567, currency });
    const { html } = await visit(payer, `/console/plan/invoices/${id}`);
    expect(html).toContain(written[currency]);
  });
});
