import { afterAll, beforeAll, expect, test } from "vitest";

import { mountAdminApi } from "../../api/v1/admin/admin-api.ts";
import { codeOf, enrol } from "../api/factor-steps.ts";
import { createOwnerWorld } from "../api/owner-world.ts";
import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld } from "./console-world.ts";
import { hiddenOf } from "./hidden-of.ts";

let world: ConsoleWorld;
beforeAll(async () => {
  world = await createConsoleWorld(await createOwnerWorld(undefined, [mountAdminApi]));
});
afterAll(() => world.close());

const minutes = 60_000;

async function addOwner() {
  const [shop, account] = [await world.addShop(), await world.addAccount()];
  await world.addMember(shop.shopId, account.accountId);
  return { ...shop, ...account, session: await openSession(account) };
}

async function openSession({ email, password }: { email: string; password: string }): Promise<string> {
  return cookieOf(await world.visit("POST", "/console/sign-in?language=en", { form: { email, password } }));
}

function cookieOf({ headers }: { headers: Headers }, name = "session"): string {
  return new RegExp(`${name}=([^;,]+)`).exec(headers.get("set-cookie") ?? "")?.[1] ?? "";
}

test("the second factor is set up by forms alone, and then asked for", async () => {
  const owner = await addOwner();
  const enrolling = await world.visit("POST", "/console/account/factor", { session: owner.session });
  expect(enrolling.html).toContain("<svg");
  const secret = /<code>([A-Z2-7]{32})<\/code>/.exec(enrolling.html)?.[1] ?? "";
  const form = { code: codeOf(world, secret) };
  const confirmed = await world.visit("POST", "/console/account/factor/confirm", {
    session: owner.session,
    form,
  });
  expect(confirmed.html.match(/<code>[A-Z2-7-]{32}<\/code>/g)).toHaveLength(10);
  const session = cookieOf(confirmed);
  expect((await world.visit("GET", "/console/orders", { session })).status).toBe(200);
  expect((await world.visit("GET", "/console/orders", { session: owner.session })).status).toBe(303);

  world.passTime(30_000);
  const { email, password } = owner;
  const next = "/console/products";
  const asked = await world.visit("POST", "/console/sign-in", { form: { email, password, next } });
  expect(asked.headers.get("location")).toBe(`/console/sign-in/code?next=${encodeURIComponent(next)}`);
  expect(cookieOf(asked)).toBe("");
  const cookie = `console-code=${cookieOf(asked, "console-code")}`;
  const headers = { cookie, "accept-language": "en" };
  const page = await world.visit("GET", "/console/sign-in/code", { headers });
  expect(page.html).toContain('autocomplete="one-time-code"');
  const wrong = await world.visit("POST", "/console/sign-in/code", {
    headers,
    form: { code: "000000", next },
  });
  expect([wrong.status, wrong.html.includes("This code is wrong")]).toEqual([401, true]);
  const right = { code: codeOf(world, secret), next };
  const signedIn = await world.visit("POST", "/console/sign-in/code", { headers, form: right });
  expect(signedIn.headers.get("location")).toBe(next);
  expect((await world.visit("GET", next, { session: cookieOf(signedIn) })).status).toBe(200);
});

test("a form that needs a step-up leads to it and back", async () => {
  const owner = await addOwner();
  world.passTime(10 * minutes);
  const asked = await world.visit("POST", "/console/account/factor", { session: owner.session });
  const path = `/console/step-up?next=${encodeURIComponent("/console/account/factor")}`;
  expect(asked.headers.get("location")).toBe(path);
  expect((await world.visit("GET", path, { session: owner.session })).html).toContain('type="password"');
  const form = { next: "/console/account/factor", password: owner.password };
  const done = await world.visit("POST", "/console/step-up", { session: owner.session, form });
  expect(done.headers.get("location")).toBe("/console/account/factor");
  const again = await world.visit("POST", "/console/account/factor", { session: cookieOf(done) });
  expect(again.html).toContain("<svg");
});

test("whoever has a factor proves it before the address changes, and comes back to the link", async () => {
  const owner = await addOwner();
  const { secret, token } = await enrol(world, owner.session);
  world.passTime(10 * minutes);
  const link = "/console/confirm-email?token=mJ1tT2wqQxS8m0c1yXyD3A";
  const path = `/console/step-up?next=${encodeURIComponent(link)}`;
  const form = { token: "mJ1tT2wqQxS8m0c1yXyD3A" };
  const asked = await world.visit("POST", "/console/confirm-email", { session: token, form });
  expect(asked.headers.get("location")).toBe(path);
  const proof = { next: link, code: codeOf(world, secret) };
  const done = await world.visit("POST", "/console/step-up", { session: token, form: proof });
  expect(done.headers.get("location")).toBe(link);
  const password = { currentPassword: owner.password, newPassword: "seven green umbrellas" };
  world.passTime(10 * minutes);
  const session = cookieOf(done);
  const changed = await world.visit("POST", "/console/account/password", { session, form: password });
  expect(changed.headers.get("location")).toBe(
    `/console/step-up?next=${encodeURIComponent("/console/account/password")}`,
  );
});

test("a payout account is changed only after a fresh proof, over which what was typed is kept", async () => {
  const owner = await addOwner();
  await world.visit("POST", "/console/referral/join", {
    session: owner.session,
    form: { accepted: "1" },
  });
  world.passTime(10 * minutes);
  const form = { kind: "kbzpay", accountName: "Daw Aye", accountNumber: "09777123456" };
  const asked = await world.visit("POST", "/console/referral/account", { session: owner.session, form });
  const proof = { ...hiddenOf(asked, "/console/step-up"), password: owner.password };
  const done = await world.visit("POST", "/console/step-up", { session: owner.session, form: proof });
  const session = cookieOf(done);
  const kept = hiddenOf(done, "/console/referral/account");
  expect(kept).toEqual(form);
  await world.visit("POST", "/console/referral/account", { session, form: kept });
  expect((await world.visit("GET", "/console/referral", { session })).html).toContain("••••3456");
});

test("an invitation is kept over a fresh proof", async () => {
  const { session } = await addOwner();
  world.passTime(10 * minutes);
  const form = { email: "new@shop.test", role: "viewer" };
  const asked = await world.visit("POST", "/console/team/invite", { session, form });
  const { kept = "{}" } = hiddenOf(asked, "/console/step-up");
  expect(JSON.parse(kept)).toEqual({ path: "/console/team/invite", fields: Object.entries(form) });
});

test("a shop's statements are asked of its owner, and shown to a manager", async () => {
  const { shopId, session: owner } = await addOwner();
  const account = await world.addAccount();
  await world.addMember(shopId, account.accountId, "manager");
  const asks = async (session: string) =>
    (await world.visit("GET", "/console/attestations", { session })).html.includes('name="lawful_basis"');
  expect([await asks(owner), await asks(await openSession(account))]).toEqual([true, false]);
});

test("sessions are listed in the person's language, and ended by a button", async () => {
  const owner = await addOwner();
  const other = await openSession(owner);
  const page = await world.visit("GET", "/console/account", { session: owner.session });
  const [, end = ""] = /action="(\/console\/account\/sessions\/[0-9a-f-]{36}\/end)"/.exec(page.html) ?? [];
  const ended = await world.visit("POST", end, { session: owner.session });
  expect(ended.headers.get("location")).toBe("/console/account");
  expect((await world.visit("GET", "/console/orders", { session: other })).status).toBe(303);
  const burmese = await world.visit("GET", "/console/account", {
    session: cookieOf(
      await world.visit("POST", "/console/sign-in?language=my", {
        form: { email: owner.email, password: owner.password },
      }),
    ),
  });
  expect(burmese.html).toContain("ဝင်ထားတဲ့ နေရာများ");
});

test("what one is told is chosen by boxes, and what is told in any case stands beside them", async () => {
  const owner = await addOwner();
  const page = async (session: string) => (await world.visit("GET", "/console/account", { session })).html;
  const box = (html: string, name: string) =>
    new RegExp(`<input type="checkbox" name="${name}"[^>]*>`).exec(html)?.[0] ?? "";
  const before = await page(owner.session);
  expect(box(before, "orders.push")).toContain("checked");
  expect(box(before, "orders.email")).not.toContain("checked");
  expect(box(before, "security.email")).toMatch(/checked.*disabled/);
  expect(before).toContain("Always told: Your Page is disconnected");
  const form = new FormData();
  for (const [name, value] of [
    ["orders.push", "off"],
    ["orders.email", "off"],
    ["orders.email", "on"],
  ] as const)
    form.append(name, value);
  const saved = await world.visit("POST", "/console/account/notices", { session: owner.session, form });
  expect(saved.headers.get("location")).toBe("/console/account");
  const after = await page(owner.session);
  expect(box(after, "orders.push")).not.toContain("checked");
  expect(box(after, "orders.email")).toContain("checked");
  expect(box(after, "payments.push")).toContain("checked");
  const { email, password } = owner;
  const burmese = await world.visit("POST", "/console/sign-in?language=my", { form: { email, password } });
  const html = await page(cookieOf(burmese));
  expect(html).toContain("သင့်ကို အသိပေးမယ့်အရာများ");
  expect(html).toContain("Page ချိတ်ဆက်မှု ပြတ်နေပါတယ်");
});

test("whoever must have a factor is led to it from every page", async () => {
  const owner = await addOwner();
  world.deps.settings.requiresSecondFactor = true;
  try {
    for (const path of ["/console/orders", "/console/shop", "/console/team"]) {
      const { headers } = await world.visit("GET", path, { session: owner.session });
      expect(headers.get("location")).toBe("/console/account/factor");
    }
    const page = await world.visit("GET", "/console/account/factor", { session: owner.session });
    expect([page.status, page.html.includes("must have a second factor")]).toEqual([200, true]);
    const { token } = await enrol(world, owner.session);
    expect((await world.visit("GET", "/console/orders", { session: token })).status).toBe(200);
  } finally {
    world.deps.settings.requiresSecondFactor = false;
  }
});

test("whoever sees no orders begins with what they do see", async () => {
  const [shop, account] = [await world.addShop(), await world.addAccount()];
  await world.addMember(shop.shopId, account.accountId, "catalogue");
  const session = await openSession(account);
  const begun = await world.visit("GET", "/console", { session });
  expect(begun.headers.get("location")).toBe("/console/products");
  const { html } = await world.visit("GET", "/console/products", { session });
  expect(html).not.toContain('href="/console/orders"');
});

test("an admin is led to the second factor from the platform's pages, and finds it there afterwards", async () => {
  const account = await world.addAccount();
  await world.giveRole(account.accountId, "subscription_admin");
  const session = await openSession(account);
  world.deps.settings.requiresSecondFactor = true;
  try {
    for (const path of ["/console", "/console/admin/upgrades", "/console/account"]) {
      const { headers } = await world.visit("GET", path, { session });
      expect({ [path]: headers.get("location") }).toEqual({ [path]: "/console/account/factor" });
    }
    const { token } = await enrol(world, session);
    const page = await world.visit("GET", "/console/admin/upgrades", { session: token });
    expect([page.status, page.html.includes('href="/console/account"')]).toEqual([200, true]);
  } finally {
    world.deps.settings.requiresSecondFactor = false;
  }
});

test("an owner invites somebody, who joins, and is given another role", async () => {
  const [owner, guest] = [await addOwner(), await world.addAccount()];
  const { session } = owner;
  const form = { email: guest.email, role: "viewer" };
  const invited = await world.visit("POST", "/console/team/invite", { session, form });
  const [token = ""] = /inv_[A-Za-z0-9_-]{43}/.exec(invited.html) ?? [];
  const guestSession = await openSession(guest);
  const stranger = await world.visit("GET", "/console/orders", { session: guestSession });
  expect(stranger.html).toContain('href="/console/join"');
  const joined = await world.visit("POST", "/console/join", { session: guestSession, form: { token } });
  expect(joined.headers.get("location")).toBe("/console");
  const seen = await world.visit("GET", "/console/team", { session });
  expect(seen.html).toContain(guest.email);
  const changes = [...seen.html.matchAll(/action="(\/console\/team\/acc_[a-z0-9]+\/role)"/g)].map(
    ([, path]) => path,
  );
  await world.visit("POST", changes[1] ?? "", { session, form: { role: "manager" } });
  const { rows } = await world.owner.query("select role from memberships where account_id = $1", [
    guest.accountId,
  ]);
  expect(rows).toEqual([{ role: "manager" }]);
  const refused = await world.visit("GET", "/console/team", { session: await openSession(guest) });
  expect(refused.html).not.toContain("/console/team/invite");
});
