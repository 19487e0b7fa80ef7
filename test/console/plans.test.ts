import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { jpeg } from "../api/owner-world.ts";
import type { Tenant } from "../api/owner-world.ts";
import { createUpgradeWorld, newReference } from "../api/upgrade-world.ts";
import type { UpgradeWorld } from "../api/upgrade-world.ts";
import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld, Page } from "./console-world.ts";
import { hiddenOf } from "./hidden-of.ts";

let world: UpgradeWorld;
let pages: ConsoleWorld;
beforeAll(async () => {
  world = await createUpgradeWorld();
  pages = await createConsoleWorld(world);
});
afterAll(() => pages.close());

describe("the owner's page of plans", () => {
  async function handIn(tenant: Tenant): Promise<Page> {
    const session = tenant.owner;
    const offers = await pages.visit("GET", "/console/plan", { session });
    const ask = offers.html.split("<form").find((part) => part.includes('value="starter"')) ?? "";
    const form = { key: /name="key" value="([^"]+)"/.exec(ask)?.[1] ?? "", planCode: "starter" };
    await pages.visit("POST", "/console/plan/requests", { session, form });
    const open = await pages.visit("GET", "/console/plan", { session });
    expect(open.html).toContain("Waits for the proof");
    expect(open.html).toContain("KBZPay 09 777 000 100");
    const action = /\/console\/plan\/requests\/upg_\w+\/submit/.exec(open.html)?.[0] ?? "";
    const evidence = new FormData();
    evidence.set("key", hiddenOf(open, /\/submit"/)["key"] ?? "");
    evidence.set("reference", newReference());
    evidence.set("image", new File([new Uint8Array(await jpeg())], "slip.jpg", { type: "image/jpeg" }));
    const sent = await pages.visit("POST", action, { session, form: evidence });
    expect(sent.status).toBe(303);
    return pages.visit("GET", "/console/plan", { session });
  }

  test("shows what the shop has and what there is; a request goes from asking to being checked without a script", async () => {
    const tenant = await world.addTenant();
    const before = await pages.visit("GET", "/console/plan", { session: tenant.owner });
    expect(before.html).toContain("<strong>Trial</strong>");
    expect(before.html).toContain("45,000 MMK");
    const after = await handIn(tenant);
    expect(after.html).toContain("Being checked");
    const picture = /src="(\/console\/upgrade-pictures\/[^"]+)"/.exec(after.html)?.[1] ?? "";
    const shown = await pages.visit("GET", picture.replaceAll("&amp;", "&"), { session: tenant.owner });
    expect(shown.headers.get("content-type")).toBe("image/jpeg");
  });

  test("takes the code of whoever recommended us with the first plan, and offers the field no longer then", async () => {
    const [{ owner: session }, referrer] = [await world.addTenant(), await world.addTenant()];
    const join = { token: referrer.owner, body: { termsVersion: 1 } };
    const { code } = (await world.ask("POST", "/v1/referral/join", join)).body;
    const ask = async (referralCode: string) => {
      const offers = await pages.visit("GET", "/console/plan", { session });
      expect(offers.html).toContain('name="referralCode"');
      const form = { ...hiddenOf(offers, /value="starter"/), referralCode };
      return pages.visit("POST", "/console/plan/requests", { session, form });
    };
    await ask("22223333");
    const refused = await pages.visit("GET", "/console/plan", { session });
    expect(refused.html).not.toContain("Waits for the proof");
    await ask(code);
    const open = await pages.visit("GET", "/console/plan", { session });
    expect(open.html).toContain("Waits for the proof");
    const form = hiddenOf(open, /\/cancel"/);
    const cancel = /\/console\/plan\/requests\/upg_\w+\/cancel/.exec(open.html)?.[0] ?? "";
    await pages.visit("POST", cancel, { session, form });
    const after = await pages.visit("GET", "/console/plan", { session });
    expect(after.html).toContain("Ask for this plan");
    expect(after.html).not.toContain('name="referralCode"');
  });

  test("offers packages of credits, and a request for one is shown by its name", async () => {
    const tenant = await world.addTenant();
    const session = tenant.owner;
    const offers = await pages.visit("GET", "/console/plan", { session });
    const ask =
      offers.html.split("<form").find((part) => part.includes('name="topUpCode" value="small"')) ?? "";
    const form = { key: /name="key" value="([^"]+)"/.exec(ask)?.[1] ?? "", topUpCode: "small" };
    expect((await pages.visit("POST", "/console/plan/requests", { session, form })).status).toBe(303);
    const open = await pages.visit("GET", "/console/plan", { session });
    expect(open.html).toContain("<strong>500 credits</strong>");
    expect(open.html).toContain("20,000 MMK");
  });

  test("draws the code of a request that is paid by one, and shows admins what is owed", async () => {
    const { settings } = world.deps;
    Object.assign(settings, {
      platformMerchant: { appId: "kp-1", merchantCode: "100001", merchantKey: "the-platforms-key" },
    });
    const tenant = await world.addTenant();
    const session = tenant.owner;
    const { body } = await world.ask("POST", "/v1/upgrade-requests", {
      token: session,
      body: { planCode: "starter" },
    });
    const offered = await pages.visit("GET", "/console/plan", { session });
    const form = hiddenOf(offered, /\/pay"/);
    const path = `/console/plan/requests/${body.id}`;
    expect((await pages.visit("POST", `${path}/pay`, { session, form })).status).toBe(303);
    expect((await pages.visit("GET", `${path}/code.gif`, { session })).status).toBe(404);
    const set = (what: string) =>
      world.owner.query(`update gateway_payments set ${what} where shop_id = $1`, [tenant.shopId]);
    await set("state = 'pending', code = '00020101021226360016MMQR'");
    const shown = await pages.visit("GET", "/console/plan", { session });
    expect(shown.html).toContain(`src="${path}/code.gif"`);
    const code = await pages.visit("GET", `${path}/code.gif`, { session });
    expect(code.headers.get("content-type")).toBe("image/gif");

    await set("state = 'paid', paid_minor = 45000, paid_at = now(), owed_at = now()");
    const { token: admin } = await world.addAdmin("subscription_admin");
    const owed = await pages.visit("GET", "/console/admin/money", { session: admin });
    expect(owed.html).toContain("45,000 MMK");
    const back = hiddenOf(owed, /\/refund-money"/);
    const refund = `/console/admin/upgrades/${body.id}/refund-money`;
    expect((await pages.visit("POST", refund, { session: admin, form: back })).status).toBe(303);
    const after = await pages.visit("GET", "/console/admin/money", { session: admin });
    expect(after.html).toContain("On its way back");
  });

  test("speaks Burmese to whoever chose it, and offers staff no form", async () => {
    const tenant = await world.addTenant();
    await pages.visit("POST", "/console/language", { session: tenant.owner, form: { language: "my" } });
    const burmese = await pages.visit("GET", "/console/plan", { session: tenant.owner });
    expect(burmese.html).toContain("အခြေခံ");
    expect(burmese.html).toContain("သင့်အစီအစဉ်");
    const staff = await pages.visit("GET", "/console/plan", { session: tenant.staff });
    expect(staff.status).toBe(403);
  });
});

describe("a plan that is paid for", () => {
  async function paid(planCode: string): Promise<Tenant> {
    const tenant = await world.addTenant();
    const { id, evidenceId, reference } = await world.addSubmitted(tenant, { planCode });
    const { token } = await world.addAdmin("subscription_admin");
    const approve = { token, body: { evidenceId, reference } };
    expect((await world.ask("POST", `/v1/admin/upgrade-requests/${id}/approve`, approve)).status).toBe(200);
    return tenant;
  }

  test("is changed for a cheaper one at its end, seen, and undone", async () => {
    const { owner: session } = await paid("growth");
    const before = await pages.visit("GET", "/console/plan", { session });
    const form = { ...hiddenOf(before, /\/schedule-downgrade"/), planCode: "starter" };
    await pages.visit("POST", "/console/plan/schedule-downgrade", { session, form });
    const scheduled = await pages.visit("GET", "/console/plan", { session });
    expect(scheduled.html).toContain("Your next payment is for this plan");
    const undo = hiddenOf(scheduled, /\/cancel-downgrade"/);
    await pages.visit("POST", "/console/plan/cancel-downgrade", { session, form: undo });
    const after = await pages.visit("GET", "/console/plan", { session });
    expect(after.html).not.toContain("Your next payment is for this plan");
    expect(after.html).toContain("A cheaper plan afterwards");
  });

  test("is taken back by an admin, with a reason, from the list of payments", async () => {
    const tenant = await paid("starter");
    const { token: session } = await world.addAdmin("subscription_admin");
    const list = await pages.visit("GET", "/console/admin/plan-payments", { session });
    const path = /\/console\/admin\/plan-payments\/ppm_\w+/.exec(list.html)?.[0] ?? "";
    const shown = await pages.visit("GET", path, { session });
    const form = { ...hiddenOf(shown, /\/reverse"/), kind: "chargeback", reason: "The bank took it." };
    expect((await pages.visit("POST", `${path}/reverse`, { session, form })).status).toBe(303);
    const after = await pages.visit("GET", path, { session });
    expect(after.html).toContain("The bank or provider took it");
    expect(after.html).toContain("The bank took it.");
    expect(after.html).not.toContain(`${path}/reverse`);
    const plan = await pages.visit("GET", "/console/plan", { session: tenant.owner });
    expect(plan.html).toContain("<strong>Starter</strong>");
    expect(plan.html).toContain("Payments that were taken back");
    expect(plan.html).toContain("The bank took it.");
  });

  test("is taken back by who proves who they are; what they have typed is kept, and the money's way is recorded", async () => {
    await paid("starter");
    const { token: session, password } = await world.addAdmin("subscription_admin");
    const list = await pages.visit("GET", "/console/admin/plan-payments", { session });
    const path = /\/console\/admin\/plan-payments\/ppm_\w+/.exec(list.html)?.[0] ?? "";
    const shown = await pages.visit("GET", path, { session });
    world.passTime(10 * 60_000);
    const typed = { ...hiddenOf(shown, /\/reverse"/), kind: "refund", reason: 'Paid "twice".' };
    const asked = await pages.visit("POST", `${path}/reverse`, { session, form: typed });
    const kept = hiddenOf(asked, /\/step-up"/);
    const wrong = await pages.visit("POST", "/console/step-up", {
      session,
      form: { ...kept, password: "x" },
    });
    expect(hiddenOf(wrong, /\/step-up"/)).toEqual(kept);
    const proven = await pages.visit("POST", "/console/step-up", { session, form: { ...kept, password } });
    const form = hiddenOf(proven, /\/reverse"/);
    expect(form).toEqual(typed);
    const renewed = { session: /session=([^;]+)/.exec(proven.headers.get("set-cookie") ?? "")?.[1] ?? "" };
    expect((await pages.visit("POST", `${path}/reverse`, { ...renewed, form })).status).toBe(303);

    const owed = await pages.visit("GET", "/console/admin/plan-payments?waiting=owed", renewed);
    expect(owed.html).toContain(path);
    const record = hiddenOf(await pages.visit("GET", path, renewed), /\/record-refund"/);
    const back = { ...record, reference: "TRX 5566" };
    await pages.visit("POST", `${path}/record-refund`, { ...renewed, form: back });
    const after = await pages.visit("GET", path, renewed);
    expect(after.html).toContain("It is back since");
    expect(after.html).toContain("TRX 5566");
  });

  test("waits for another admin above the amount, and may be left as it is", async () => {
    const tenant = await world.addTenant();
    const { id, evidenceId, reference } = await world.addSubmitted(tenant, { planCode: "business" });
    const { token: session } = await world.addAdmin("subscription_admin");
    for (const token of [session, (await world.addAdmin("subscription_admin")).token])
      await world.ask("POST", `/v1/admin/upgrade-requests/${id}/approve`, {
        token,
        body: { evidenceId, reference },
      });
    const list = await pages.visit("GET", "/console/admin/plan-payments", { session });
    const path = /\/console\/admin\/plan-payments\/ppm_\w+/.exec(list.html)?.[0] ?? "";
    const first = hiddenOf(await pages.visit("GET", path, { session }), /\/reverse"/);
    const said = { ...first, kind: "refund", reason: "A mistake." };
    await pages.visit("POST", `${path}/reverse`, { session, form: said });
    const proposed = await pages.visit("GET", path, { session });
    expect(hiddenOf(proposed, /\/reverse"/)).toMatchObject({ kind: "refund", reason: "A mistake." });
    const form = hiddenOf(proposed, /\/withdraw-reversal"/);
    await pages.visit("POST", `${path}/withdraw-reversal`, { session, form });
    const after = await pages.visit("GET", path, { session });
    expect(after.html).not.toContain("A mistake.");
  });

  test("is over: the page says what the agent does, and what it becomes", async () => {
    const { owner: session, shopId } = await paid("starter");
    await world.owner.query(
      "update subscriptions set state = 'limited', state_since = now(), ends_at = now() where shop_id = $1",
      [shopId],
    );
    const { html } = await pages.visit("GET", "/console/plan", { session });
    expect(html).toContain("customers are told once that you will answer");
    expect(html).toMatch(/Unless you pay<\/dt><dd>Suspended/);
  });
});

describe("the admin's pages", () => {
  test("lead from the queue to the case; the proof is shown when it is asked for, and decided about beside it", async () => {
    const tenant = await world.addTenant();
    const request = await world.addSubmitted(tenant);
    const { token: session } = await world.addAdmin("subscription_admin");
    const home = await pages.visit("GET", "/console/orders", { session });
    expect(home.headers.get("location")).toBe("/console/admin/upgrades");
    const queue = await pages.visit("GET", "/console/admin/upgrades", { session });
    expect(queue.html).toContain(`/console/admin/upgrades/${request.id}`);
    const path = `/console/admin/upgrades/${request.id}`;
    const closed = await pages.visit("GET", path, { session });
    expect(closed.html).not.toContain("<img");
    const shown = await pages.visit("GET", `${path}?evidence=show`, { session });
    const picture = /src="(\/console\/admin\/upgrade-pictures\/[^"]+)"/.exec(shown.html)?.[1] ?? "";
    const bytes = await pages.visit("GET", picture.replaceAll("&amp;", "&"), { session });
    expect(bytes.headers.get("content-type")).toBe("image/jpeg");

    const form = { ...hiddenOf(shown, /\/approve"/), reference: request.reference };
    expect((await pages.visit("POST", `${path}/approve`, { session, form })).status).toBe(303);

    const after = await pages.visit("GET", path, { session });
    expect(after.html).toContain("Approved");
    const { body } = await world.ask("GET", "/v1/subscription", { token: tenant.owner });
    expect(body).toMatchObject({ planCode: "starter", state: "active" });
  });

  test("are nobody's without a role of the platform", async () => {
    const tenant = await world.addTenant();
    const owner = await pages.visit("GET", "/console/admin/upgrades", { session: tenant.owner });
    expect(owner.status).toBe(403);
    const stranger = await pages.visit("GET", "/console/admin/upgrades");
    expect(stranger.headers.get("location")).toMatch(/^\/console\/sign-in/);
  });
});
