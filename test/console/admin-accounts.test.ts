import { afterAll, beforeAll, expect, test } from "vitest";

import { mountAdminApi } from "../../api/v1/admin/admin-api.ts";
import { toTypeId } from "../../domain/id.ts";
import type { PlatformRole } from "../../domain/platform-role.ts";
import { createAccountWorld, goodPassword } from "../api/account-world.ts";
import type { AccountWorld } from "../api/account-world.ts";
import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld, Page } from "./console-world.ts";

let world: AccountWorld;
let pages: ConsoleWorld;
beforeAll(async () => {
  world = await createAccountWorld(undefined, [mountAdminApi]);
  // By a shop is how nobody signs in here.
  pages = await createConsoleWorld({ ...world, signIn: () => Promise.reject(new Error("not used")) });
});
afterAll(() => pages.close());

const base = "/console/admin/accounts";

async function addAdmin(role: PlatformRole): Promise<string> {
  const { email, accountId } = await world.addVerified();
  await world.giveRole(accountId, role);
  const session = String((await world.signIn(email)).body.token);
  await pages.visit("POST", "/console/language", { session, form: { language: "en" } });
  return session;
}

function keyOf({ html }: Page, action: string): string {
  const form = html.split("<form").find((part) => part.includes(`action="${action}"`)) ?? "";
  return /name="key" value="([^"]+)"/.exec(form)?.[1] ?? "";
}

async function send(session: string, at: string, action: string, form: Record<string, string> = {}) {
  const shown = await pages.visit("GET", at, { session });
  const key = keyOf(shown, action);
  expect((await pages.visit("POST", action, { session, form: { key, ...form } })).status).toBe(303);
  return pages.visit("GET", at, { session });
}

test("the admins' pages of accounts lead from an address to the suspension, the appeal and its answer", async () => {
  const { email, accountId } = await world.addVerified();
  const [first, second] = [await addAdmin("platform_admin"), await addAdmin("compliance")];
  const home = await pages.visit("GET", "/console/orders", { session: first });
  expect(home.headers.get("location")).toBe(base);
  const unknown = { email: "nobody@example.com" };
  await pages.visit("POST", `${base}/look-up`, { session: first, form: unknown });
  const at = `${base}/${toTypeId("acc", accountId)}`;
  const found = await pages.visit("POST", `${base}/look-up`, { session: first, form: { email } });
  expect(found.headers.get("location")).toBe(at);

  const suspended = await send(first, at, `${at}/suspend`, { reason: "abuse" });
  expect(suspended.html).toContain("Abuse of the service");
  const text = "It was my cousin's order.";
  const { body } = await world.post("/v1/account-appeals", { email, password: goodPassword, text });
  const own = await pages.visit("GET", at, { session: first });
  expect(own.html).toContain("another admin answers");
  expect((await pages.visit("GET", base, { session: second })).html).toContain(at);
  expect((await pages.visit("GET", at, { session: second })).html).toContain("cousin");
  const granted = await send(second, at, `${at}/appeals/${body.id}/grant`);
  expect(granted.html).toContain("Granted");
  expect(granted.html).not.toContain("/reinstate");
  for (const page of [suspended, own, granted]) expect(page.html).not.toContain(email);
});

test("they speak Burmese, offer a reader nothing to decide, and are nobody's without the scope", async () => {
  const { accountId } = await world.addVerified();
  const at = `${base}/${toTypeId("acc", accountId)}`;
  const auditor = await addAdmin("auditor");
  await pages.visit("POST", "/console/language", { session: auditor, form: { language: "my" } });
  const { html } = await pages.visit("GET", at, { session: auditor });
  expect(html).toContain("အကောင့်များ");
  expect(html).not.toContain("/suspend");
  const stranger = await addAdmin("payout_admin");
  expect((await pages.visit("GET", at, { session: stranger })).status).toBe(403);
});
