import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { GrowingLimiter } from "../../api/auth/growing-limiter.ts";
import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { createAccountWorld, goodPassword, kindsOf, newEmail } from "./account-world.ts";
import type { AccountWorld } from "./account-world.ts";
import { messageItem, newPsid } from "./api-world.ts";
import { openDoor } from "./door.ts";
import { codeOf, enrol, giveCode } from "./factor-steps.ts";

const newPassword = "eight yellow raincoats";
const fewGuesses = 3;
const strangers = { keyPrefix: "few", points: fewGuesses, duration: 900, firstBlock: 60, longestBlock: 900 };

let world: AccountWorld;
beforeAll(async () => {
  const limits = { ...createRateLimits(100), signInByAccount: new GrowingLimiter(strangers) };
  world = await createAccountWorld(limits);
});
afterAll(() => world.close());

/** An owner who signed up, with a shop and its Page. */
async function addOwner() {
  const [owner, shop] = [await world.addVerified(), await world.addShop()];
  await world.addMember(shop.shopId, owner.accountId);
  return { ...owner, shop };
}

async function count(table: string, where = "true", values: unknown[] = []): Promise<number> {
  const { rows } = await world.owner.query<{ count: number }>(
    `select count(*)::int as count from ${table} where ${where}`,
    values,
  );
  return rows[0]?.count ?? 0;
}

test("M:ONAMI-01 owners have accounts, customers exist by Messenger alone, and neither has the other's doors", async () => {
  const { shop, token, accountId } = await addOwner();
  const accounts = await count("accounts");
  const psid = newPsid();
  const item = messageItem(shop, psid, { text: "Hello" });
  expect((await openDoor(world).deliver(shop, item)).status).toBe(200);

  const { body } = await world.ask("GET", "/v1/customers", { token });
  expect(body.data).toHaveLength(1);
  expect(await count("customers", "shop_id = $1", [shop.shopId])).toBe(1);
  const kinds = await world.owner.query(
    "select kind, shop_id = $1 as of_shop from subjects where id = $2 or id in (select id from customers where shop_id = $1) order by kind",
    [shop.shopId, accountId],
  );
  expect(kinds.rows).toEqual([
    { kind: "account", of_shop: false },
    { kind: "customer", of_shop: true },
  ]);

  // The customer has no account, and nothing of Messenger's opens one.
  expect(await count("accounts")).toBe(accounts);
  const [{ id: customerId }] = body.data;
  for (const credential of [psid, customerId]) {
    expect((await world.ask("GET", "/v1/orders", { token: credential })).status).toBe(401);
    expect([401, 422]).toContain((await world.signIn(credential, credential)).status);
  }
  // The owner is nobody's customer, and speaks to the door of Messenger in vain.
  expect(await count("customers", "id = $1", [accountId])).toBe(0);
  const posted = await world.ask("POST", "/webhooks/messenger", {
    token,
    body: { object: "page", entry: [{ id: shop.metaPageId, time: 1, messaging: [item] }] },
  });
  expect(posted.status).toBe(401);
  expect(await openDoor(world).count("intake", shop)).toBe(1);
});

test("M:ONAMI-02 an owner signs up, signs in, sees each session, and sets a new password by mail; it is kept as argon2id", async () => {
  const email = newEmail();
  expect((await world.signUp({ email })).status).toBe(202);
  const accountId = await world.idOf(email);
  const stored = async () => {
    const { rows } = await world.owner.query<{ text: string; password_hash: string }>(
      "select a::text as text, password_hash from accounts a where id = $1",
      [accountId],
    );
    const [row] = rows;
    if (row === undefined) throw new Error("no such account");
    return row;
  };
  const { text, password_hash: hash } = await stored();
  expect(hash).toMatch(/\$argon2id\$v=19\$m=\d+,t=\d+,p=1\$/);
  for (const word of [email, goodPassword]) {
    expect(text).not.toContain(word);
    expect(text).not.toContain(Buffer.from(word).toString("hex"));
  }

  const first = await world.signIn(email);
  const link = await world.tokenOf(accountId, "verify_email");
  const { token } = (
    await world.post("/v1/email-verifications", { token: link }, { token: first.body.token })
  ).body;
  expect((await world.signIn(email, "not the password")).status).toBe(401);
  const second = await world.signIn(email);
  const sessions = async (token: string) => (await world.ask("GET", "/v1/sessions", { token })).body.data;
  expect(await sessions(token)).toMatchObject([{ isCurrent: false }, { isCurrent: true }]);

  await world.post("/v1/password-resets", { email });
  const reset = await world.tokenOf(accountId, "reset_password");
  const body = { token: reset, password: newPassword };
  expect((await world.post("/v1/password-resets/complete", body)).status).toBe(204);
  for (const old of [token, second.body.token])
    expect((await world.ask("GET", "/v1/sessions", { token: old })).status).toBe(401);
  expect((await world.signIn(email)).status).toBe(401);
  const last = await world.signIn(email, newPassword);
  expect(await sessions(last.body.token)).toMatchObject([{ isCurrent: true }]);
  expect((await stored()).password_hash).not.toBe(hash);
});

describe("M:ONAMI-48 a password", () => {
  const bad = [
    ["too short", () => "Ab3$xyz", "password.too_short"],
    ["one that leaks show", () => "iloveyou1", "password.common"],
    ["one that holds the address", (email: string) => `my ${email}`, "password.contains_email"],
  ] as const;

  test.each(bad)(
    "%s is refused at sign-up, by the link, and by whoever is signed in",
    async (_what, of, code) => {
      const { email, accountId, token } = await world.addVerified();
      const fresh = newEmail();
      await world.post("/v1/password-resets", { email });
      const link = await world.tokenOf(accountId, "reset_password");
      const current = { currentPassword: goodPassword, newPassword: of(email) };
      const answers = [
        await world.signUp({ email: fresh, password: of(fresh) }),
        await world.post("/v1/password-resets/complete", { token: link, password: of(email) }),
        await world.post("/v1/accounts/current/password", current, { token }),
      ];
      expect(answers.map(({ status, body }) => [status, body?.code])).toEqual(answers.map(() => [422, code]));
      expect((await world.signIn(email)).status).toBe(201);
    },
  );

  test("of words alone is good, and whoever has one is offered a second factor", async () => {
    const { email, token } = await world.addVerified();
    expect((await world.ask("GET", "/v1/second-factor", { token })).body).toMatchObject({ state: "none" });
    const { secret } = await enrol(world, token);
    const asked = await world.signIn(email);
    expect(asked.body.token).toBeUndefined();
    expect((await giveCode(world, asked.body.codeToken, codeOf(world, secret))).status).toBe(201);
  });
});

describe("M:ONAMI-32 whoever may not come in", () => {
  test("with the password, from another device, is told of by mail and in the account's history", async () => {
    const { email, accountId } = await world.addVerified();
    const from = "203.0.113.7";
    const { body } = await world.post("/v1/sessions", { email, password: goodPassword }, { from });
    expect(await count("mails", "account_id = $1 and kind = 'new_device'", [accountId])).toBeGreaterThan(0);
    const events = await world.ask("GET", "/v1/account-events", { token: body.token });
    expect(kindsOf(events.body.data)).toContain("device.first_seen");
  });

  test("guesses a few times and waits then, while the owner's own device goes on", async () => {
    const { email } = await world.addVerified();
    const own = { from: "198.51.100.20" };
    const enter = (password: string, where?: { from: string }) =>
      world.post("/v1/sessions", { email, password }, where);
    await enter(goodPassword, own);
    const guesses = [];
    for (let guess = 0; guess <= fewGuesses; guess += 1) guesses.push(await enter(`guess ${guess}`));
    expect(guesses.map(({ status }) => status).at(-1)).toBe(429);
    expect(Number(guesses.at(-1)?.headers.get("retry-after"))).toBeGreaterThan(30);
    expect((await enter(goodPassword)).status).toBe(429);
    expect((await enter(goodPassword, own)).status).toBe(201);
  });

  test("with the password alone, has nothing where there is a second factor", async () => {
    const { email, token } = await world.addVerified();
    await enrol(world, token);
    const { status, body } = await world.signIn(email);
    expect([status, body.token]).toEqual([200, undefined]);
    for (const guess of [body.codeToken, undefined]) {
      const asked = guess === undefined ? {} : { token: guess };
      expect((await world.ask("GET", "/v1/sessions", asked)).status).toBe(401);
    }
    expect((await giveCode(world, body.codeToken, "000000")).status).toBe(401);
  });

  test("and speaks for Messenger without its signature, is not heard", async () => {
    const { shop } = await addOwner();
    const door = openDoor(world);
    const body = {
      object: "page",
      entry: [{ id: shop.metaPageId, time: 1, messaging: [messageItem(shop, newPsid(), { text: "Hello" })] }],
    };
    const statuses = [(await world.ask("POST", "/webhooks/messenger", { body })).status];
    statuses.push((await door.post(body, { secret: "another app's secret" })).status);
    expect(statuses).toEqual([401, 401]);
    expect(await door.count("intake", shop)).toBe(0);
    expect((await door.post(body)).status).toBe(200);
    expect(await door.count("intake", shop)).toBe(1);
  });

  test("has an API key that was changed, revoked or is another shop's, reads nothing", async () => {
    const [{ shop }, other] = [await addOwner(), await addOwner()];
    const [key, revoked, foreign] = [
      await world.addApiKey(shop.shopId),
      await world.addApiKey(shop.shopId),
      await world.addApiKey(other.shop.shopId),
    ];
    await world.owner.query(
      "update api_keys set revoked_at = now() where id = (select id from api_keys where shop_id = $1 order by id desc limit 1)",
      [shop.shopId],
    );
    const read = async (token: string) => {
      const { status, body } = await world.ask("GET", "/v1/shop", { token });
      return status === 200 ? body.id : status;
    };
    const changed = `${key.slice(0, -1)}${key.endsWith("A") ? "B" : "A"}`;
    expect([await read(changed), await read(revoked)]).toEqual([401, 401]);
    const [own, theirs] = [await read(key), await read(foreign)];
    expect(own).toMatch(/^shop_/);
    expect(theirs).toMatch(/^shop_/);
    expect(theirs).not.toBe(own);
  });
});
