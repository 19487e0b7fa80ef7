import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld } from "./console-world.ts";

let world: ConsoleWorld;
beforeAll(async () => {
  world = await createConsoleWorld();
});
afterAll(() => world.close());

async function addOwner() {
  const [shop, account] = [await world.addShop(), await world.addAccount()];
  await world.addMember(shop.shopId, account.accountId);
  return { ...shop, ...account };
}

function cookieOf({ headers }: { headers: Headers }): string {
  return /session=(ses_[^;]+)/.exec(headers.get("set-cookie") ?? "")?.[1] ?? "";
}

describe("signing in", () => {
  test("sets the cookie and leads to the page that was asked for", async () => {
    const { email, password } = await addOwner();
    const next = "/console/products?cursor=abc";
    const asked = await world.visit("GET", next);
    expect(asked.status).toBe(303);
    expect(asked.headers.get("location")).toBe(`/console/sign-in?next=${encodeURIComponent(next)}`);
    const signedIn = await world.visit("POST", "/console/sign-in", { form: { email, password, next } });
    expect(signedIn.status).toBe(303);
    expect(signedIn.headers.get("location")).toBe(next);
    const page = await world.visit("GET", "/console/orders", { session: cookieOf(signedIn) });
    expect(page.status).toBe(200);
  });

  test("never leads to another site", async () => {
    const { email, password } = await addOwner();
    for (const next of ["https://evil.example", "//evil.example", "/console/..//evil.example", "/v1/shop"]) {
      const answer = await world.visit("POST", "/console/sign-in", { form: { email, password, next } });
      expect(answer.headers.get("location"), next).toBe("/console");
    }
  });

  test("says in the visitor's language that it was refused, and keeps the address", async () => {
    const { email } = await addOwner();
    const form = { email, password: "wrong" };
    const english = await world.visit("POST", "/console/sign-in", {
      form,
      headers: { "accept-language": "en-GB" },
    });
    expect(english.status).toBe(401);
    expect(english.html).toContain("The address or the password is wrong.");
    expect(english.html).toContain(`value="${email}"`);
    expect(english.html).not.toContain('wrong"');
    const burmese = await world.visit("POST", "/console/sign-in", { form });
    expect(burmese.html).toContain("စကားဝှက် မှားနေပါတယ်");
  });

  test("is refused to a page of another site", async () => {
    const { email, password } = await addOwner();
    const headers = { origin: "https://evil.example" };
    const answer = await world.visit("POST", "/console/sign-in", { form: { email, password }, headers });
    expect(answer.status).toBe(403);
    expect(answer.headers.get("set-cookie")).toBeNull();
  });
});

describe("a session", () => {
  test("ends with signing out", async () => {
    const { owner } = await world.addTenant();
    const out = await world.visit("POST", "/console/sign-out", { session: owner });
    expect(out.headers.get("location")).toBe("/console/sign-in");
    expect((await world.visit("GET", "/console/orders", { session: owner })).status).toBe(303);
  });

  test("keeps the language of the person, on every page from then on", async () => {
    const { owner } = await world.addTenant();
    const headers = { referer: "http://shop.test/console/products" };
    const switched = await world.visit("POST", "/console/language", {
      session: owner,
      form: { language: "my" },
      headers,
    });
    expect(switched.headers.get("location")).toBe("/console/products");
    const page = await world.visit("GET", "/console/products", { session: owner });
    expect(page.html).toContain('<html lang="my">');
    expect(page.html).toContain("ပစ္စည်းများ");
  });

  test("shows one shop at a time, and only one of its own", async () => {
    const [mine, second, foreign] = [await addOwner(), await world.addShop(), await world.addShop()];
    await world.addMember(second.shopId, mine.accountId);
    await world.owner.query("update shops set name = $2 where id = $1", [second.shopId, "Second shop"]);
    const { email, password } = mine;
    const session = cookieOf(await world.visit("POST", "/console/sign-in", { form: { email, password } }));
    const first = await world.visit("GET", "/console/shop", { session });
    const choices = [...first.html.matchAll(/value="(shop_[a-z0-9]+)"/g)].map(([, id]) => id ?? "");
    expect(choices).toHaveLength(2);
    expect(first.html).toContain('name="name" value="Shop"');
    const cookie = `session=${session}; console-shop=${choices[1]}`;
    expect((await world.visit("GET", "/console/shop", { headers: { cookie } })).html).toContain(
      'name="name" value="Second shop"',
    );
    const { toTypeId } = await import("../../domain/id.ts");
    const other = `session=${session}; console-shop=${toTypeId("shop", foreign.shopId)}`;
    expect((await world.visit("GET", "/console/shop", { headers: { cookie: other } })).html).toContain(
      'name="name" value="Shop"',
    );
  });

  test("of nobody's shop is told so", async () => {
    const { email, password } = await world.addAccount();
    const session = cookieOf(await world.visit("POST", "/console/sign-in", { form: { email, password } }));
    const headers = { "accept-language": "en" };
    const page = await world.visit("GET", "/console/orders", { session, headers });
    expect(page.status).toBe(403);
    expect(page.html).toContain("This account belongs to no shop. There are no pages for it yet.");
    expect(page.html).not.toContain('href="/console/orders"');
    expect(page.html).toContain("<h1>One more step</h1>");
  });

  test("of nobody's shop is told so in Burmese, unless the person reads English", async () => {
    const { email, password } = await world.addAccount();
    const session = cookieOf(await world.visit("POST", "/console/sign-in", { form: { email, password } }));
    const page = await world.visit("GET", "/console/orders", { session });
    expect(page.html).toContain('<html lang="my">');
    expect(page.html).toContain("ဒီအကောင့်မှာ ဆိုင် မရှိပါ");
  });

  test("of nobody's shop can be ended from the page that says so", async () => {
    const { email, password } = await world.addAccount();
    const session = cookieOf(await world.visit("POST", "/console/sign-in", { form: { email, password } }));
    const headers = { "accept-language": "en" };
    const page = await world.visit("GET", "/console/orders", { session, headers });
    expect(page.html).toMatch(/<form method="post" action="\/console\/sign-out">\s*<button[^>]*>Sign out</);
    const out = await world.visit("POST", "/console/sign-out", { session });
    expect(out.headers.get("location")).toBe("/console/sign-in");
    const after = await world.visit("GET", "/console/orders", { session });
    expect(after.headers.get("location")).toContain("/console/sign-in");
  });

  test("by an API key opens no page", async () => {
    const { key } = await world.addTenant();
    expect((await world.visit("GET", "/console/orders", { session: key })).status).toBe(303);
  });
});

describe("every page", () => {
  test("runs nothing but the console's own files", async () => {
    const { owner } = await world.addTenant();
    for (const path of ["/console/sign-in", "/console/orders", "/console/nothing"]) {
      const { headers, html } = await world.visit("GET", path, { session: owner });
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'self'; object-src 'none'; base-uri 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain("unsafe");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(html).not.toMatch(
        /<script(?![^>]*\bsrc="\/console\/assets\/)|<style|\sstyle=|\son[a-z]+=|javascript:/,
      );
    }
  });

  test("has its files under addresses that change with them", async () => {
    const { html } = await world.visit("GET", "/console/sign-in");
    const paths = [...html.matchAll(/(?:src|href)="(\/console\/assets\/[^"]+)"/g)].map(
      ([, path]) => path ?? "",
    );
    expect(paths.map((path) => path.split("/").at(-1))).toEqual([
      "console.css",
      "icon.svg",
      "htmx.js",
      "hx-sse.js",
      "console.js",
    ]);
    for (const path of paths) {
      const { status, headers } = await world.visit("GET", path);
      expect(status).toBe(200);
      expect(headers.get("cache-control")).toContain("immutable");
    }
  });

  test("that does not exist says so in words", async () => {
    const { owner } = await world.addTenant();
    const page = await world.visit("GET", "/console/orders/ord_nonsense", { session: owner });
    expect(page.status).toBe(404);
    expect(page.html).toContain("There is nothing under this address.");
  });

  test("that refuses a form leads back to it", async () => {
    const { owner } = await world.addTenant();
    const page = await world.visit("POST", "/console/products", {
      session: owner,
      form: { name: "x".repeat(12 * 1024 * 1024) },
      headers: { referer: "http://shop.test/console/products/new", "accept-language": "en" },
    });
    expect(page.status).toBe(413);
    expect(page.html).toContain('href="/console/products/new"');
  });

  test.each([
    ["/console/verify/resend", "/console/verify"],
    ["/console/team/invite", "/console/team"],
    ["/console/account/factor/confirm", "/console/account/factor"],
    ["/console/account/factor/codes", "/console/account/factor"],
  ])("that answered a form at %s leads on when it is read again", async (path, to) => {
    const { owner } = await world.addTenant();
    const page = await world.visit("GET", path, { session: owner });
    expect(page.headers.get("location")).toBe(to);
  });

  test("is reached from the root", async () => {
    expect((await world.visit("GET", "/")).headers.get("location")).toBe("/console");
  });
});
