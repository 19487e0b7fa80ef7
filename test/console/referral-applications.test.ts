import { afterAll, beforeAll, describe, expect, test } from "vitest";

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

const queue = "/console/admin/applications";

/** An owner who shares a browser with somebody whose referral is suspended; answers their session. */
async function addDoubtful(browser: string): Promise<string> {
  const [other, { owner }] = [await world.addTenant(), await world.addTenant()];
  const asking = { body: { termsVersion: 1 }, headers: { cookie: `browser=${browser}` } };
  const { body } = await world.ask("POST", "/v1/referral/join", { token: other.owner, ...asking });
  await world.owner.query("update referral_participants set state = 'suspended' where code = $1", [
    body.code,
  ]);
  await world.ask("POST", "/v1/referral/join", { token: owner, ...asking });
  return owner;
}

async function decide(verb: "approve" | "reject", form: Record<string, string> = {}): Promise<void> {
  const { token: session } = await world.addAdmin("compliance");
  const { html } = await pages.visit("GET", queue, { session });
  expect(html).toContain("a mailbox or a device of somebody who is suspended");
  const action = new RegExp(`action="([^"]+/${verb})"`).exec(html)?.[1] ?? "";
  const key = /name="key" value="([^"]+)"/.exec(html.split(action)[1] ?? "")?.[1] ?? "";
  expect((await pages.visit("POST", action, { session, form: { key, ...form } })).status).toBe(303);
  expect((await pages.visit("GET", queue, { session })).html).toContain("Nothing waits here.");
}

describe("an application to the referral", () => {
  test("waits on the owner's page, is approved on the admins', and then shows code and link", async () => {
    const session = await addDoubtful("e".repeat(22));
    const before = await pages.visit("GET", "/console/referral", { session });
    expect(before.html).toContain("A person looks at it");
    expect(before.html).not.toContain("I accept the terms");
    await decide("approve");
    expect((await pages.visit("GET", "/console/referral", { session })).html).toContain("Your link");
  });

  test("that is rejected says why, and offers another one when its time has come", async () => {
    const session = await addDoubtful("f".repeat(22));
    await decide("reject", { reason: "suspended_before" });
    const rejected = await pages.visit("GET", "/console/referral", { session });
    expect(rejected.html).toContain("your referral was suspended before");
    expect(rejected.html).not.toContain("I accept the terms");
    await world.owner.query("update referral_applications set decided_at = now() - interval '30 days'");
    const later = await pages.visit("GET", "/console/referral", { session });
    expect(later.html).toContain("I accept the terms");
  });
});
