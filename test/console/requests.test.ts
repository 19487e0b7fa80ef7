import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { platformRoles } from "../../domain/platform-role.ts";
import { createUpgradeWorld } from "../api/upgrade-world.ts";
import type { UpgradeWorld } from "../api/upgrade-world.ts";
import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld } from "./console-world.ts";
import { hiddenOf } from "./hidden-of.ts";

let world: UpgradeWorld;
let pages: ConsoleWorld;
beforeAll(async () => {
  world = await createUpgradeWorld();
  pages = await createConsoleWorld(world);
});
afterAll(() => pages.close());

test("a request that was refused is found among the earlier ones, with the reason", async () => {
  const tenant = await world.addTenant();
  const request = await world.addSubmitted(tenant);
  const admin = await world.addAdmin("subscription_admin");
  const path = `/console/admin/upgrades/${request.id}`;
  const shown = await pages.visit("GET", `${path}?evidence=show`, { session: admin.token });
  const form = { ...hiddenOf(shown, "/reject"), reason: "No such money has come" };
  await pages.visit("POST", `${path}/reject`, { session: admin.token, form });

  const notices = await pages.visit("GET", "/console/notices", { session: tenant.owner });
  expect(notices.html).toContain('name="open"');
  const read = /action="([^"]+\/read)"/.exec(notices.html)?.[1] ?? "";
  const opened = await pages.visit("POST", read, { session: tenant.owner, form: { open: "true" } });
  expect(opened.headers.get("location")).toBe("/console/plan");
  const plan = await pages.visit("GET", "/console/plan", { session: tenant.owner });
  const link = `/console/plan/requests/${request.id}`;
  expect(plan.html).toContain(`href="${link}"`);
  const page = await pages.visit("GET", link, { session: tenant.owner });
  expect(page.html).toContain("No such money has come");
});

describe("a request that two must approve", () => {
  async function approveOnce() {
    const request = await world.addSubmitted(await world.addTenant(), { planCode: "business" });
    const first = await world.addAdmin("subscription_admin");
    const path = `/console/admin/upgrades/${request.id}`;
    const shown = await pages.visit("GET", `${path}?evidence=show`, { session: first.token });
    const form = { ...hiddenOf(shown, "/approve"), reference: request.reference };
    await pages.visit("POST", `${path}/approve`, { session: first.token, form });
    return { path, first };
  }

  test("says to the first that another must approve, and offers no second approval", async () => {
    const { path, first } = await approveOnce();
    const page = await pages.visit("GET", `${path}?evidence=show`, { session: first.token });
    expect(page.html).toContain("Another admin must approve as well.");
    expect(page.html).not.toContain(`action="${path}/approve"`);
  });

  test("says to the second who was the first", async () => {
    const { path } = await approveOnce();
    const second = await world.addAdmin("subscription_admin");
    const page = await pages.visit("GET", `${path}?evidence=show`, { session: second.token });
    expect(page.html).toMatch(/First approved by<\/dt><dd><code>acc_/);
    expect(page.html).toContain(`action="${path}/approve"`);
  });
});

test("the page of credits leads whoever may buy more to where they are sold", async () => {
  const tenant = await world.addTenant();
  const link = 'class="button" href="/console/plan"';
  const owner = await pages.visit("GET", "/console/credits", { session: tenant.owner });
  expect(owner.html).toContain(link);
});

test("a shop that was never granted credits is told when its trial's come", async () => {
  const { owner } = await world.addTenant();
  const page = await pages.visit("GET", "/console/credits", { session: owner });
  expect(page.html).toContain("The credits of your trial come with the first answer");
});

test.each(platformRoles)("a %s of the platform is led to a page that they may read", async (role) => {
  const { token: session } = await world.addAdmin(role);
  const home = await pages.visit("GET", "/console/orders", { session });
  const page = await pages.visit("GET", home.headers.get("location") ?? "", { session });
  expect([page.status, page.html.includes('aria-current="page"')]).toEqual([200, true]);
});
