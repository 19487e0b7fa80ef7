import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { jpeg } from "../api/owner-world.ts";
import type { Tenant } from "../api/owner-world.ts";
import { createUpgradeWorld, newReference } from "../api/upgrade-world.ts";
import type { UpgradeWorld } from "../api/upgrade-world.ts";
import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld, Page } from "./console-world.ts";

let world: UpgradeWorld;
let pages: ConsoleWorld;
beforeAll(async () => {
  world = await createUpgradeWorld();
  pages = await createConsoleWorld(world);
});
afterAll(() => pages.close());

/** What a form of the page would send: its hidden fields. */
function hiddenOf({ html }: Page, action: RegExp): Record<string, string> {
  const form = html.split("<form").find((part) => action.test(part)) ?? "";
  const inputs = form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g);
  return Object.fromEntries([...inputs].map(([, name = "", value = ""]) => [name, value]));
}

describe("the owner's page of plans", () => {
  async function handIn(tenant: Tenant): Promise<Page> {
    const session = tenant.owner;
    const offers = await pages.visit("GET", "/console/plan", { session });
    const ask = offers.html.split("<form").find((part) => part.includes('value="starter"')) ?? "";
    const form = { key: /name="key" value="([^"]+)"/.exec(ask)?.[1] ?? "", planCode: "starter" };
    await pages.visit("POST", "/console/plan/requests", { session, form });
    const open = await pages.visit("GET", "/console/plan", { session });
    expect(open.html).toContain("Waits for the proof");
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

    const form = hiddenOf(shown, /\/approve"/);
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
