import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { mailText } from "../../domain/account/mail-texts.ts";
import type { MailData } from "../../domain/account/mail-texts.ts";
import { toTypeId } from "../../domain/id.ts";
import type { Answer, Tenant } from "./owner-world.ts";
import { createUpgradeWorld } from "./upgrade-world.ts";
import type { UpgradeWorld } from "./upgrade-world.ts";

let world: UpgradeWorld;
let admins: string[];
beforeAll(async () => {
  world = await createUpgradeWorld();
  admins = [];
  for (const _ of [1, 2]) admins.push((await world.addAdmin("subscription_admin")).token);
});
afterAll(() => world.close());

type Submitted = { id: string; evidenceId: string; reference: string };

const approve = ({ id, evidenceId, reference }: Submitted, admin = 0): Promise<Answer> =>
  world.ask("POST", `/v1/admin/upgrade-requests/${id}/approve`, {
    token: admins[admin] ?? "",
    body: { evidenceId, reference },
  });

async function pay(tenant: Tenant, wanted: { planCode?: string; topUpCode?: string } = {}) {
  const request: Submitted = await world.addSubmitted(tenant, wanted);
  expect((await approve(request)).status).toBe(200);
  return request;
}

async function list({ owner: token }: Tenant) {
  return (await world.ask("GET", "/v1/invoices", { token })).body.data;
}

async function read({ owner: token }: Tenant, id: string) {
  return (await world.ask("GET", `/v1/invoices/${id}`, { token })).body;
}

async function reverse(tenant: Tenant, admin = 0, bought: "planCode" | "topUpCode" = "planCode") {
  const token = admins[admin] ?? "";
  const shopId = toTypeId("shop", tenant.shopId);
  const { body } = await world.ask("GET", `/v1/admin/plan-payments?shopId=${shopId}`, { token });
  const payment = body.data.find((one: Record<string, unknown>) => one[bought] !== null);
  const path = `/v1/admin/plan-payments/${payment.id}/reverse`;
  const word = { kind: "refund", reason: "Charged twice." };
  return (await world.ask("POST", path, { token, body: word })).status;
}

const sequenceOf = ({ number }: { number: string }) => Number(number.slice(-6));

test("M:MIKY-27 each payment of an owner has one numbered receipt, and what is taken back a note that names it", async () => {
  const tenant = await world.addTenant();
  const plan: Submitted = await world.addSubmitted(tenant, { planCode: "growth" });
  await Promise.all([approve(plan, 0), approve(plan, 1)]);
  await approve(plan);
  const credits = await pay(tenant, { topUpCode: "small" });
  expect(await Promise.all([reverse(tenant, 0), reverse(tenant, 1), reverse(tenant, 0)])).toEqual([
    200, 200, 200,
  ]);
  const [note, second, first, ...others] = await list(tenant);
  expect(others).toEqual([]);
  expect(first).toMatchObject({
    kind: "invoice",
    upgradeRequestId: plan.id,
    amount: { amountMinor: 120_000, currency: "MMK" },
    creditNote: { id: note.id, number: note.number },
    lines: [{ kind: "plan", code: "growth", periodMonths: 1, credits: null }],
  });
  expect(second).toMatchObject({
    kind: "invoice",
    upgradeRequestId: credits.id,
    amount: { amountMinor: 20_000, currency: "MMK" },
    creditNote: null,
    lines: [{ kind: "top_up", code: "small", credits: 500, validDays: 365 }],
  });
  expect(sequenceOf(second)).toBe(sequenceOf(first) + 1);
  expect(first.number).toMatch(/^INV-\d{4}-\d{6}$/);
  expect(note).toMatchObject({
    kind: "credit_note",
    number: expect.stringMatching(/^CN-\d{4}-\d{6}$/),
    upgradeRequestId: plan.id,
    amount: first.amount,
    corrects: { id: first.id, number: first.number },
    lines: first.lines,
  });
});

describe("an invoice", () => {
  test("is never changed: its credit note stands beside it", async () => {
    const tenant = await world.addTenant();
    await pay(tenant);
    const [{ id }] = await list(tenant);
    const { creditNote: none, ...before } = await read(tenant, id);
    await reverse(tenant);
    const { creditNote, ...after } = await read(tenant, id);
    expect({ none, after }).toEqual({ none: null, after: before });
    expect(creditNote).not.toBeNull();
    for (const login of ["api", "worker", "admin", "system"] as const) {
      const may = await world.owner.query<{ may: boolean }>(
        "select has_any_column_privilege($1, 'invoices', 'update') or has_table_privilege($1, 'invoices', 'delete') as may",
        [`app_${login}`],
      );
      expect({ login, ...may.rows[0] }).toEqual({ login, may: false });
    }
  });

  test("of a package of credits is taken back by a note as well", async () => {
    const tenant = await world.addTenant();
    await pay(tenant, { topUpCode: "small" });
    expect(await reverse(tenant, 0, "topUpCode")).toBe(200);
    const [note, invoice] = await list(tenant);
    expect(note).toMatchObject({ kind: "credit_note", lines: invoice.lines, amount: invoice.amount });
  });

  test("of a payment that is taken back is followed by a mail that names the note", async () => {
    const tenant = await world.addTenant();
    await pay(tenant, { topUpCode: "small" });
    await reverse(tenant, 0, "topUpCode");
    const [{ number }] = await list(tenant);
    const { rows } = await world.owner.query<{ data: MailData }>(
      "select data from mails join memberships using (account_id) where shop_id = $1 and data->>'notice' = 'top_up_reversed'",
      [tenant.shopId],
    );
    const told = { data: rows[0]?.data ?? {}, token: undefined, publicUrl: "https://shop.test" };
    expect(mailText("owner_notice", told, "en").body).toContain(`Credit note: ${number}\n`);
  });

  test("is no other shop's, whoever asks", async () => {
    const [tenant, other] = [await world.addTenant(), await world.addTenant()];
    await pay(tenant);
    const [{ id }] = await list(tenant);
    const { status, body } = await world.ask("GET", `/v1/invoices/${id}`, { token: other.owner });
    expect({ status, code: body.code }).toEqual({ status: 404, code: "not_found" });
    expect(await list(other)).toEqual([]);
  });

  test("is made out to whom the owner named before it, sealed, and to the shop alone otherwise", async () => {
    const tenant = await world.addTenant();
    const name = (body: { name: string | null; address: string | null }) =>
      world.ask("PUT", "/v1/billing-details", { token: tenant.owner, body });
    await pay(tenant);
    const details = { name: "Daw Hla Hla Trading", address: "12 Merchant Road\nYangon" };
    expect((await name(details)).body).toEqual(details);
    await pay(tenant);
    await name({ name: null, address: null });
    await pay(tenant);
    const buyers = [];
    for (const { id } of await list(tenant)) buyers.push((await read(tenant, id)).buyer);
    const alone = { shopName: "Shop", name: null, address: null };
    expect(buyers).toEqual([alone, { shopName: "Shop", ...details }, alone]);
    const { rows } = await world.owner.query<{ id: string; details: Buffer | null; kind: string | null }>(
      `select b.id, details, kind from billing_details b left join subjects s on s.shop_id = b.shop_id and s.id = b.id
        where b.shop_id = $1 order by b.id`,
      [tenant.shopId],
    );
    expect(rows.map(({ kind }) => kind)).toEqual(["billing", null]);
    expect(rows[0]?.details?.toString("latin1")).not.toContain("Merchant");
    expect(rows[1]?.details).toBeNull();
  });

  test("names the seller and the tax in its price as the settings were", async () => {
    const before = world.activities.invoicing;
    const seller = {
      name: "Shopthread Co., Ltd.",
      address: "1 Strand Road, Yangon",
      registration: "Reg. 1001",
    };
    Object.assign(world.activities, {
      invoicing: { seller, tax: { label: "Commercial tax", rateBps: 500 } },
    });
    const tenant = await world.addTenant();
    await pay(tenant);
    Object.assign(world.activities, { invoicing: before });
    await reverse(tenant);
    for (const { id } of await list(tenant)) {
      expect(await read(tenant, id)).toMatchObject({
        seller,
        // 45,000 with it: 42,857 and 2,143.
        tax: { label: "Commercial tax", rateBps: 500, amount: { amountMinor: 2_143, currency: "MMK" } },
        timeZone: "Asia/Yangon",
      });
    }
  });

  test("that is none, of what was paid before there were any, has no credit note", async () => {
    const tenant = await world.addTenant();
    await pay(tenant);
    await world.owner.query("delete from invoices where shop_id = $1", [tenant.shopId]);
    expect(await reverse(tenant)).toBe(200);
    expect(await list(tenant)).toEqual([]);
  });

  test.each([
    ["plan", { planCode: "starter" }, "upgrade_approved"],
    ["package of credits", { topUpCode: "small" }, "top_up_approved"],
  ])("of a %s is named by the mail that tells of it, and nobody is", async (_what, wanted, notice) => {
    const tenant = await world.addTenant();
    await pay(tenant, wanted);
    const [{ number }] = await list(tenant);
    const { rows } = await world.owner.query<{ data: MailData }>(
      "select data from mails join memberships using (account_id) where shop_id = $1 and kind = 'owner_notice'",
      [tenant.shopId],
    );
    const facts = { amountMinor: expect.any(Number) as number, currency: "MMK", invoiceNumber: number };
    expect(rows).toEqual([{ data: { notice, page: "/console/plan", shopName: "Shop", facts } }]);
    const told = { data: rows[0]?.data ?? {}, token: undefined, publicUrl: "https://shop.test" };
    for (const language of ["en", "my"] as const) {
      expect(mailText("owner_notice", told, language).body).toContain(`: ${number}\n`);
    }
  });
});
