import { createRoute, z } from "@hono/zod-openapi";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createApi } from "../../api/app.ts";
import type { Api, ApiPart } from "../../api/app.ts";
import { scoped } from "../../api/route.ts";
import { revokeApiKey } from "../../db/api-keys.ts";
import { toTypeId } from "../../domain/id.ts";
import { createApiWorld, publicUrl } from "./api-world.ts";
import type { ApiWorld, TestAccount, TestShop } from "./api-world.ts";

const day = 24 * 60 * 60_000;

/** A resource that says who asks. */
const whoami: ApiPart = (app) => {
  const answer = { 200: { description: "Who", content: { "application/json": { schema: z.any() } } } };
  app.openapi(
    createRoute(scoped("shop.read", { method: "get", path: "/v1/whoami", responses: answer })),
    ({ var: { actor }, json }) => json({ ...actor, scopes: [...actor.scopes] }, 200),
  );
  app.openapi(
    createRoute(scoped("payments.approve", { method: "post", path: "/v1/approve", responses: answer })),
    (c) => c.json({}, 200),
  );
  app.openapi(
    createRoute(scoped("apiKeys.write", { method: "post", path: "/v1/make-key", responses: answer })),
    (c) => c.json({}, 200),
  );
};

let world: ApiWorld;
let api: Api;
let shop: TestShop;
let account: TestAccount;
beforeAll(async () => {
  world = await createApiWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  // New limits for each test: a counter lives as long as its API.
  api = createApi(world.deps, [whoami]);
  [shop, account] = await Promise.all([world.addShop(), world.addAccount()]);
  await world.addMember(shop.shopId, account.accountId);
});

type Credentials = { email: string; password: string };

function signIn({ email, password }: Credentials, headers: Record<string, string> = {}): Promise<Response> {
  return Promise.resolve(
    api.app.request("/v1/sessions", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ email, password }),
    }),
  );
}

async function tokenOf(credentials: Credentials): Promise<string> {
  const response = await signIn(credentials);
  expect(response.status).toBe(201);
  return ((await response.json()) as { token: string }).token;
}

function ask(path: string, headers: Record<string, string>, method = "GET"): Promise<Response> {
  return Promise.resolve(api.app.request(path, { method, headers }));
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const cookie = (token: string) => ({ cookie: `session=${token}` });

describe("signing in", () => {
  test("gives a token of which only the hash is stored, and a cookie", async () => {
    const response = await signIn(account);
    const { token, shops } = (await response.json()) as { token: string; shops: unknown };
    expect(shops).toEqual([{ shopId: toTypeId("shop", shop.shopId), name: "Shop", role: "owner" }]);
    const [ofSession, ofBrowser] = response.headers.getSetCookie();
    expect(ofSession).toMatch(new RegExp(`^session=${token}; Path=/; Expires=.*; HttpOnly; SameSite=Lax$`));
    expect(ofBrowser).toMatch(
      /^browser=[A-Za-z0-9_-]{22}; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const { rows } = await world.owner.query<{ text: string }>("select s::text as text from sessions s");
    expect(rows.some(({ text }) => text.includes(token.slice(4)))).toBe(false);
  });

  test("sets a __Host- cookie behind https", async () => {
    const settings = { ...world.deps.settings, publicUrl: "https://shop.test" };
    api = createApi({ ...world.deps, settings });
    const response = await signIn(account);
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-session=.*; Secure; SameSite=Lax$/),
      expect.stringMatching(/^__Host-browser=.*; Secure; SameSite=Lax$/),
    ]);
  });

  test("takes the address in any case", async () => {
    expect((await signIn({ ...account, email: ` ${account.email.toUpperCase()} ` })).status).toBe(201);
  });

  test("answers a wrong password and an unknown address alike", async () => {
    const wrong = await signIn({ ...account, password: "wrong" });
    const unknown = await signIn({ email: "nobody@example.com", password: "wrong" });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    const [left, right] = (await Promise.all([wrong.json(), unknown.json()])) as { instance: string }[];
    expect({ ...left, instance: "" }).toEqual({ ...right, instance: "" });
  });

  test("is refused after ten guesses at one account, with the time to wait", async () => {
    for (let guess = 0; guess < 10; guess += 1) await signIn({ ...account, password: `guess ${guess}` });
    const response = await signIn(account);
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("is limited from the first guess on by an API that was restarted and forgot the others", async () => {
    const guesses = async () => {
      const statuses = [];
      for (let guess = 0; guess < 12; guess += 1)
        statuses.push((await signIn({ ...account, password: `guess ${guess}` })).status);
      return statuses;
    };
    const tenThenNone = [...Array.from({ length: 10 }, () => 401), 429, 429];
    expect(await guesses()).toEqual(tenThenNone);
    api = createApi(world.deps, [whoami]);
    expect(await guesses()).toEqual(tenThenNone);
  });

  test("is refused to a page of another site", async () => {
    expect((await signIn(account, { origin: "https://evil.example" })).status).toBe(403);
    expect((await signIn(account, { origin: publicUrl })).status).toBe(201);
  });

  test("refuses fields that it does not know, without repeating them", async () => {
    const response = await api.app.request("/v1/sessions", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...account, email: 7, platformRole: "admin" }),
    });
    expect(response.status).toBe(422);
    const text = await response.text();
    expect(text).not.toContain(account.password);
    expect(JSON.parse(text)).toMatchObject({ code: "request.invalid", errors: [{ pointer: "/email" }, {}] });
  });
});

test.each([
  ["broken JSON", "application/json", "{", 400],
  ["another content type", "text/plain", "{}", 415],
  ["no content type", undefined, "{}", 415],
])("%s is a problem of its own", async (_what, contentType, body, status) => {
  const response = await api.app.request("/v1/sessions", {
    method: "POST",
    headers: contentType === undefined ? {} : { "content-type": contentType },
    body,
  });
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
});

describe("a session", () => {
  test("is good by bearer and by cookie, and nothing else is", async () => {
    const token = await tokenOf(account);
    expect((await ask("/v1/whoami", bearer(token))).status).toBe(200);
    expect((await ask("/v1/whoami", cookie(token))).status).toBe(200);
    for (const headers of [
      {},
      bearer("ses_x"),
      bearer(`${token}x`),
      cookie("x"),
      { authorization: `Basic ${token}` },
    ]) {
      const response = await ask("/v1/whoami", headers);
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
    }
  });

  test("says who asks and for which shop", async () => {
    const response = await ask("/v1/whoami", bearer(await tokenOf(account)));
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toMatchObject({
      accountId: account.accountId,
      actorId: account.accountId,
      shopId: shop.shopId,
      role: "owner",
    });
  });

  test("is over after it was signed out", async () => {
    const token = await tokenOf(account);
    expect((await ask("/v1/sessions/current", bearer(token), "DELETE")).status).toBe(204);
    expect((await ask("/v1/whoami", bearer(token))).status).toBe(401);
    expect((await ask("/v1/sessions/current", bearer(token))).status).toBe(401);
  });

  test("ends after seven idle days, and not while it is used", async () => {
    const token = await tokenOf(account);
    world.passTime(6 * day);
    expect((await ask("/v1/whoami", bearer(token))).status).toBe(200);
    world.passTime(6 * day);
    expect((await ask("/v1/whoami", bearer(token))).status).toBe(200);
    world.passTime(7 * day);
    expect((await ask("/v1/whoami", bearer(token))).status).toBe(401);
  });

  test("ends after thirty days in any case", async () => {
    const token = await tokenOf(account);
    for (let passed = 0; passed < 30; passed += 6) {
      expect((await ask("/v1/whoami", bearer(token))).status).toBe(200);
      world.passTime(6 * day);
    }
    expect((await ask("/v1/whoami", bearer(token))).status).toBe(401);
  });

  test("by cookie takes unsafe requests of its own origin only", async () => {
    const token = await tokenOf(account);
    const post = (headers: Record<string, string>) =>
      ask("/v1/approve", { ...cookie(token), ...headers }, "POST");
    expect((await post({})).status).toBe(403);
    expect((await post({ origin: "https://evil.example" })).status).toBe(403);
    expect((await post({ origin: "null" })).status).toBe(403);
    expect((await post({ "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await post({ "sec-fetch-site": "same-origin" })).status).toBe(200);
    expect((await post({ origin: publicUrl })).status).toBe(200);
    expect((await ask("/v1/approve", bearer(token), "POST")).status).toBe(200);
  });
});

describe("the shop", () => {
  test("must be named by an account of several, and be one of its own", async () => {
    const [second, foreign] = await Promise.all([world.addShop(), world.addShop()]);
    await world.addMember(second.shopId, account.accountId, "staff");
    const token = await tokenOf(account);
    const as = (shopHeader: string) => ask("/v1/whoami", { ...bearer(token), "shopthread-shop": shopHeader });
    expect((await ask("/v1/whoami", bearer(token))).status).toBe(422);
    expect(await (await as(toTypeId("shop", second.shopId))).json()).toMatchObject({
      shopId: second.shopId,
      role: "staff",
    });
    expect((await as(toTypeId("shop", foreign.shopId))).status).toBe(404);
    expect((await as("nonsense")).status).toBe(404);
  });

  test("is 403 for an account that has none, which may still sign out", async () => {
    const stranger = await world.addAccount();
    const token = await tokenOf(stranger);
    expect((await ask("/v1/whoami", bearer(token))).status).toBe(403);
    expect((await ask("/v1/sessions/current", bearer(token), "DELETE")).status).toBe(204);
  });
});

describe("scopes", () => {
  test("keep staff from approving payments", async () => {
    const staff = await world.addAccount();
    await world.addMember(shop.shopId, staff.accountId, "staff");
    const token = await tokenOf(staff);
    expect((await ask("/v1/whoami", bearer(token))).status).toBe(200);
    const response = await ask("/v1/approve", bearer(token), "POST");
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: "scope.missing" });
  });

  test("keep an API key from making keys, and to its own shop", async () => {
    const key = await world.addApiKey(shop.shopId);
    const other = await world.addShop();
    expect(await (await ask("/v1/whoami", bearer(key))).json()).toMatchObject({
      accountId: null,
      shopId: shop.shopId,
      role: "api_key",
    });
    expect((await ask("/v1/make-key", bearer(key), "POST")).status).toBe(403);
    const header = { "shopthread-shop": toTypeId("shop", other.shopId) };
    expect((await ask("/v1/whoami", { ...bearer(key), ...header })).status).toBe(404);
  });

  test("of a revoked key are none", async () => {
    const key = await world.addApiKey(shop.shopId);
    const { actorId: id } = (await (await ask("/v1/whoami", bearer(key))).json()) as { actorId: string };
    const revoked = await world.deps.db.withShop(shop.shopId, (trx) =>
      revokeApiKey(trx, { shopId: shop.shopId, id, now: new Date() }),
    );
    expect(revoked).toBe(true);
    expect((await ask("/v1/whoami", bearer(key))).status).toBe(401);
  });
});

test("every answer carries a request id, and what is unknown is a problem", async () => {
  const response = await ask("/v1/nothing", bearer(await tokenOf(account)));
  expect(response.status).toBe(404);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const id = response.headers.get("x-request-id");
  expect(id).toMatch(/^req_/);
  expect(await response.json()).toMatchObject({ code: "route.not_found", instance: id, status: 404 });
});
