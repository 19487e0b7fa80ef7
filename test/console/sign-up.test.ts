import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { currentAttestations, currentPolicies } from "../../domain/account/policies.ts";
import { accountPlace, findAccountLogin } from "../../db/accounts.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld, Page } from "./console-world.ts";

const password = "seven green umbrellas";
const en = { "accept-language": "en" };
const signUpForm = {
  terms: currentPolicies.terms.version,
  privacy: currentPolicies.privacy.version,
  processing_abroad: currentPolicies.processing_abroad.version,
  adult: currentPolicies.adult.version,
};

let world: ConsoleWorld;
beforeAll(async () => {
  world = await createConsoleWorld();
});
afterAll(() => world.close());

function cookieOf({ headers }: Page): string {
  return /session=(ses_[^;]+)/.exec(headers.get("set-cookie") ?? "")?.[1] ?? "";
}

async function tokenFor(email: string): Promise<string> {
  const { deps, owner } = world;
  const index = await deps.blindIndexer.index("platform", "account.email", email);
  const account = await deps.db.withoutShop((trx) => findAccountLogin(trx, index));
  if (account === undefined) throw new Error("no such account");
  const { rows } = await owner.query<{ id: string; secret: Sealed }>(
    "select id, secret from mails where account_id = $1 and secret is not null order by created_at desc, id desc limit 1",
    [account.id],
  );
  const [mail] = rows;
  if (mail === undefined) throw new Error("no mail");
  const place = accountPlace(account.id, "mail.secret", mail.id);
  const [opened] = await deps.sealer.open([{ place, sealed: mail.secret }]);
  return (JSON.parse(opened?.toString("utf8") ?? "{}") as { token: string }).token;
}

/** What a browser would send: every field of the only form of the page that goes there. */
function hiddenOf({ html }: Page, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? "";
}

test("a person signs up, proves the address and opens a shop, by plain forms", async () => {
  const email = "aye@example.com";
  const page = await world.visit("GET", "/console/sign-up?ref=ab2c-de7k", { headers: en });
  expect(page.html).toContain('name="referralCode" type="text" value="AB2CDE7K"');
  expect(page.html).toContain(currentPolicies.processing_abroad.text.en);
  const sent = await world.visit("POST", "/console/sign-up", {
    form: { ...signUpForm, email, password },
    headers: en,
  });
  expect(sent.html).toContain("We have sent you a mail.");

  const token = await tokenFor(email);
  const link = `/console/verify?token=${token}`;
  const asked = await world.visit("GET", link, { headers: en });
  expect(asked.headers.get("location")).toBe(`/console/sign-in?next=${encodeURIComponent(link)}`);
  const signedIn = await world.visit("POST", "/console/sign-in", { form: { email, password, next: link } });
  expect(signedIn.headers.get("location")).toBe(link);
  let session = cookieOf(signedIn);

  const early = await world.visit("GET", "/console/orders", { session });
  expect({ status: early.status, link: early.html.includes('href="/console/verify"') }).toEqual({
    status: 403,
    link: true,
  });
  const confirm = await world.visit("GET", link, { session, headers: en });
  expect(hiddenOf(confirm, "token")).toBe(token);
  const verified = await world.visit("POST", "/console/verify", { session, form: { token } });
  expect(verified.headers.get("location")).toBe("/console/new-shop");
  session = cookieOf(verified);

  const cookie = `session=${session}; console-flash=done:emailVerified`;
  const form = await world.visit("GET", "/console/new-shop", { headers: { ...en, cookie } });
  expect(verified.headers.get("set-cookie")).toContain("console-flash=done%3AemailVerified");
  expect(form.html).toContain("Your address is confirmed.");
  expect(form.html).toContain('href="/console/join"');
  const fields = {
    key: hiddenOf(form, "key"),
    name: "Aye's shop",
    agentName: "Aye",
    country: "MM",
    currency: "MMK",
    timeZone: "Asia/Yangon",
    languages: "my,en",
    lawful_basis: currentAttestations.lawful_basis.version,
    consumer_law: currentAttestations.consumer_law.version,
  };
  const { lawful_basis: _, ...half } = fields;
  const refused = await world.visit("POST", "/console/new-shop", { session, form: half, headers: en });
  expect(refused.status).toBe(422);
  expect(refused.html).toContain('value="Aye&#39;s shop"');
  for (let tap = 0; tap < 2; tap += 1) {
    const opened = await world.visit("POST", "/console/new-shop", { session, form: fields });
    expect(opened.headers.get("location")).toBe("/console/products");
  }
  const products = await world.visit("GET", "/console/products", { session });
  expect(products.status).toBe(200);
  expect(products.html).not.toContain("shop-switch");
  const statements = await world.visit("GET", "/console/attestations", { session });
  expect(statements.html).toContain("<time");
});

test("a form that does not fit comes back with the reason, and without the password", async () => {
  const email = "bo@example.com";
  const form = { ...signUpForm, email, password: "iloveyou1" };
  const page = await world.visit("POST", "/console/sign-up", { form, headers: en });
  expect(page.status).toBe(422);
  expect(page.html).toContain("among the first that attackers try");
  expect(page.html).toContain(`value="${email}"`);
  expect(page.html).not.toContain("iloveyou1");
  const burmese = await world.visit("POST", "/console/sign-up", { form });
  expect(burmese.html).toContain("လူသုံးများတဲ့ စကားဝှက်");
});

test.each([
  [{ email: "no address" }, "This is no e-mail address."],
  [{ referralCode: "NOSUCHCODE" }, "This is no referral code"],
])("a form says which field does not fit: %o", async (field, text) => {
  const form = { ...signUpForm, email: "cho@example.com", password, ...field };
  const page = await world.visit("POST", "/console/sign-up", { form, headers: en });
  expect({ status: page.status, says: page.html.includes(text) }).toEqual({ status: 422, says: true });
});

describe("a forgotten password", () => {
  test("is replaced by plain forms, and a link that was used says so", async () => {
    const { email, accountId } = await world.addAccount();
    const shop = await world.addShop();
    await world.addMember(shop.shopId, accountId);
    const asked = await world.visit("POST", "/console/forgot", { form: { email }, headers: en });
    const nobody = await world.visit("POST", "/console/forgot", {
      form: { email: "no@example.com" },
      headers: en,
    });
    expect(asked.html).toBe(nobody.html);
    const token = await tokenFor(email);
    const page = await world.visit("GET", `/console/reset?token=${token}`, { headers: en });
    expect(hiddenOf(page, "token")).toBe(token);
    const form = { token, password: " a sentence of mine " };
    const done = await world.visit("POST", "/console/reset", { form, headers: en });
    expect(done.html).toContain("The password is set");
    const again = await world.visit("POST", "/console/reset", { form, headers: en });
    expect({ status: again.status, says: again.html.includes("This link is no longer good.") }).toEqual({
      status: 422,
      says: true,
    });
    expect(again.html).toContain('href="/console/forgot"');
    const signedIn = await world.visit("POST", "/console/sign-in", {
      form: { email, password: form.password },
    });
    expect(signedIn.status).toBe(303);
  });
});

test("the browser in which a password was replaced is no new device, and another of its kind is one", async () => {
  const { email, accountId } = await world.addAccount();
  const headers = { ...en, "user-agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/130.0" };
  await world.visit("POST", "/console/forgot", { form: { email }, headers });
  const reset = { token: await tokenFor(email), password };
  const done = await world.visit("POST", "/console/reset", { form: reset, headers });
  const cookie = /browser=[^;]+/.exec(done.headers.get("set-cookie") ?? "")?.[0] ?? "";
  const told = async (more: Record<string, string>) => {
    await world.visit("POST", "/console/sign-in", {
      form: { email, password },
      headers: { ...headers, ...more },
    });
    const sql = "select 1 from mails where account_id = $1 and kind = 'new_device'";
    return (await world.owner.query(sql, [accountId])).rows.length;
  };
  expect(await told({ cookie })).toBe(0);
  expect(await told({})).toBe(1);
});

test("a suspended account is told so at the sign-in, and where to appeal", async () => {
  const { email, accountId, password } = await world.addAccount();
  await world.owner.query("update accounts set suspended_at = now(), suspended_for = 'fraud' where id = $1", [
    accountId,
  ]);
  const page = await world.visit("POST", "/console/sign-in", { form: { email, password }, headers: en });
  expect(page.status).toBe(403);
  expect(page.html).toContain('href="/console/appeal"');
  const form = { email, password, text: "Please look again." };
  const sent = await world.visit("POST", "/console/appeal", { form, headers: en });
  expect(sent.html).toContain("It is on its way to us.");
});

test("an owner changes the password and asks for another address", async () => {
  const shop = await world.addShop();
  const account = await world.addAccount();
  await world.addMember(shop.shopId, account.accountId);
  const signIn = { email: account.email, password: account.password };
  let session = cookieOf(await world.visit("POST", "/console/sign-in", { form: signIn }));
  const form = { currentPassword: account.password, newPassword: password };
  const changed = await world.visit("POST", "/console/account/password", { session, form });
  expect(changed.headers.get("set-cookie")).toContain("done%3ApasswordChanged");
  session = cookieOf(changed);
  const email = { email: "new-one@example.com", password };
  const asked = await world.visit("POST", "/console/account/email", { session, form: email });
  expect(asked.headers.get("set-cookie")).toContain("done%3AemailAsked");
  const token = await tokenFor(account.email);
  const confirmed = await world.visit("POST", "/console/confirm-email", { session, form: { token } });
  expect(confirmed.headers.get("location")).toBe("/console/account");
  session = cookieOf(confirmed);
  expect((await world.visit("GET", "/console/account", { session })).status).toBe(200);
});
