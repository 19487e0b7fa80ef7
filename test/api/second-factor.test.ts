import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeQR } from "qr/decode.js";
import sharp from "sharp";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { platformShopId } from "../../db/accounts.ts";
import { takeFactorAway } from "../../db/take-factor-away.ts";
import { addEnrolled, codeOf, enrol, giveCode, signIn, signInWith, tokenOf } from "./factor-steps.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld } from "./owner-world.ts";

let world: OwnerWorld;
beforeAll(async () => {
  const limits = createRateLimits();
  limits.signInByNetwork.points = 10_000; // all accounts of this file sign in from one
  world = await createOwnerWorld(limits);
});
afterAll(() => world.close());

const withCode = (what: string, token: string, body: object) =>
  world.ask("POST", `/v1/second-factor/${what}`, { token, body });
async function factorMailsOf(accountId: string): Promise<string[]> {
  const { rows } = await world.owner.query<{ kind: string }>(
    "select kind from mails where account_id = $1 and kind <> 'new_device' order by created_at, id",
    [accountId],
  );
  return rows.map(({ kind }) => kind);
}
const whoIs = (token: string) => world.ask("GET", "/v1/sessions/current", { token });

describe("enrolling", () => {
  test("shows the secret once, as text, address and picture, and keeps it sealed", async () => {
    const account = await world.addAccount();
    const token = await tokenOf(world, account);
    const { status, body } = await world.ask("POST", "/v1/second-factor", { token });
    expect(status).toBe(201);
    expect(body.secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(body.uri).toContain(`secret=${body.secret}`);
    expect(decodeURIComponent(body.uri)).toContain(`Shopthread:${account.email}`);
    const { data, info } = await sharp(Buffer.from(body.qrSvg), { density: 600 })
      .flatten({ background: "#fff" })
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(decodeQR({ width: info.width, height: info.height, data })).toBe(body.uri);
    const { rows } = await world.owner.query("select f::text as text, secret from second_factors f");
    expect(rows.some((row) => row.text.includes(body.secret) || row.secret.includes(body.secret))).toBe(
      false,
    );
  });

  test("counts only once a first code was given", async () => {
    const account = await world.addAccount();
    const token = await tokenOf(world, account);
    await world.ask("POST", "/v1/second-factor", { token });
    expect((await signIn(world, account)).status).toBe(201);
    expect((await world.ask("GET", "/v1/second-factor", { token })).body).toMatchObject({
      state: "waiting",
      recoveryCodesLeft: 0,
    });
    const wrong = await world.ask("POST", "/v1/second-factor/confirm", { token, body: { code: "000000" } });
    expect([wrong.status, wrong.body.code]).toEqual([401, "code.refused"]);
  });

  test("ends every session that was begun without it, and gives this one a new token", async () => {
    const account = await world.addAccount();
    const [mine, other] = [await tokenOf(world, account), await tokenOf(world, account)];
    const { token } = await enrol(world, mine);
    expect((await whoIs(token)).body).toMatchObject({ hasFactor: true });
    expect([(await whoIs(mine)).status, (await whoIs(other)).status]).toEqual([401, 401]);
  });

  test("is refused while there is a confirmed factor", async () => {
    const { token } = await addEnrolled(world);
    const again = await world.ask("POST", "/v1/second-factor", { token });
    expect([again.status, again.body.code]).toEqual([409, "factor.exists"]);
  });
});

describe("signing in with a factor", () => {
  test("takes the password and then the code, and the token between them does nothing else", async () => {
    const account = await addEnrolled(world);
    const asked = await signIn(world, account);
    expect(asked.status).toBe(200);
    expect(asked.headers.get("set-cookie")).toBeNull();
    const { codeToken } = asked.body;
    expect((await whoIs(codeToken)).status).toBe(401);
    expect((await world.ask("GET", "/v1/shop", { token: codeToken })).status).toBe(401);
    const given = await giveCode(world, codeToken, codeOf(world, account.secret));
    expect([given.status, given.body.hasFactor]).toEqual([201, true]);
    expect(given.headers.get("set-cookie")).toContain(`session=${given.body.token}`);
    expect((await world.ask("GET", "/v1/shop", { token: given.body.token })).status).toBe(200);
  });

  test("takes a code once", async () => {
    const account = await addEnrolled(world);
    const code = codeOf(world, account.secret);
    expect((await signInWith(world, account, code)).status).toBe(201);
    const again = await signInWith(world, account, code);
    expect([again.status, again.body.code]).toEqual([401, "code.refused"]);
  });

  test("takes one code for one session when two come at once", async () => {
    const account = await addEnrolled(world);
    const code = codeOf(world, account.secret);
    const steps = [await signIn(world, account), await signIn(world, account)];
    const answers = await Promise.all(steps.map(({ body }) => giveCode(world, body.codeToken, code)));
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([201, 401]));
  });

  test.each([
    [-2, 401],
    [-1, 201],
    [1, 201],
    [2, 401],
  ])("takes the code of a phone whose clock is %i periods off: %i", async (steps, status) => {
    const account = await addEnrolled(world);
    world.passTime(90_000);
    expect((await signInWith(world, account, codeOf(world, account.secret, steps))).status).toBe(status);
  });

  test("never takes the code before one that was taken", async () => {
    const account = await addEnrolled(world);
    world.passTime(90_000);
    expect((await signInWith(world, account, codeOf(world, account.secret))).status).toBe(201);
    expect((await signInWith(world, account, codeOf(world, account.secret, -1))).status).toBe(401);
  });

  test("begins again after ten minutes, and after five wrong codes", async () => {
    const account = await addEnrolled(world);
    const late = (await signIn(world, account)).body.codeToken;
    world.passTime(10 * 60_000);
    expect((await giveCode(world, late, codeOf(world, account.secret))).body.code).toBe("sign_in.over");
    const tried = (await signIn(world, account)).body.codeToken;
    for (let guess = 0; guess < 5; guess += 1) await giveCode(world, tried, "000000");
    expect((await giveCode(world, tried, codeOf(world, account.secret))).body.code).toBe("sign_in.over");
  });

  test("uses up its token", async () => {
    const account = await addEnrolled(world);
    const { codeToken } = (await signIn(world, account)).body;
    expect((await giveCode(world, codeToken, codeOf(world, account.secret))).status).toBe(201);
    world.passTime(30_000);
    expect((await giveCode(world, codeToken, codeOf(world, account.secret))).body.code).toBe("sign_in.over");
  });
});

describe("a recovery code", () => {
  test("stands in for a code, once, in whatever case and grouping", async () => {
    const account = await addEnrolled(world);
    expect(account.recoveryCodes).toHaveLength(10);
    const [code = ""] = account.recoveryCodes;
    const typed = code.toLowerCase().replaceAll("-", " ");
    expect((await signInWith(world, account, typed)).status).toBe(201);
    expect((await signInWith(world, account, code)).body.code).toBe("code.refused");
    const { body } = await world.ask("GET", "/v1/second-factor", { token: account.token });
    expect(body.recoveryCodesLeft).toBe(9);
  });

  test("has 128 bits, of which the database has the hash alone", async () => {
    const { recoveryCodes } = await addEnrolled(world);
    for (const code of recoveryCodes) expect(code.replaceAll("-", "")).toMatch(/^[A-Z2-7]{26}$/);
    expect(new Set(recoveryCodes).size).toBe(10);
    const { rows } = await world.owner.query("select code_hash from recovery_codes");
    expect(rows.every(({ code_hash }) => code_hash.length === 32)).toBe(true);
  });

  test("is worth nothing once there are new ones, or somebody else's", async () => {
    const [account, stranger] = [await addEnrolled(world), await addEnrolled(world)];
    const code = { code: codeOf(world, account.secret) };
    const { body } = await withCode("recovery-codes", account.token, code);
    const [old = "", fresh] = [account.recoveryCodes[1], body.recoveryCodes[0]];
    expect((await signInWith(world, account, old)).status).toBe(401);
    expect((await signInWith(world, stranger, fresh)).status).toBe(401);
    expect((await signInWith(world, account, fresh)).status).toBe(201);
  });
});

describe("removing a factor", () => {
  test("demands a code itself, ends every other session, and the password is enough from then on", async () => {
    const account = await addEnrolled(world);
    const { token } = account;
    world.passTime(30_000);
    const other = (await signInWith(world, account, codeOf(world, account.secret, -1))).body.token;
    for (const what of ["remove", "recovery-codes"]) {
      const refused = await withCode(what, token, { code: "000000" });
      expect([refused.status, refused.body.code]).toEqual([401, "code.refused"]);
      expect((await withCode(what, token, {})).status).toBe(422);
    }
    const removed = await withCode("remove", token, { code: codeOf(world, account.secret) });
    expect((await whoIs(other)).status).toBe(401);
    expect((await whoIs(token)).status).toBe(401);
    expect((await whoIs(removed.body.token)).body).toMatchObject({ hasFactor: false });
    expect((await signIn(world, account)).status).toBe(201);
  });

  test("by a command, for who lost it, ends every session, is audited, and its owner gets a mail", async () => {
    const account = await addEnrolled(world);
    const { accountId, token } = account;
    const take = () =>
      world.deps.db.withShop(platformShopId, (trx) =>
        takeFactorAway(trx, { accountId, now: world.deps.clock.now() }),
      );
    expect([await take(), await take()]).toEqual([true, false]);
    expect((await whoIs(token)).status).toBe(401);
    expect((await signIn(world, account)).status).toBe(201);
    const { rows } = await world.owner.query("select action from audit_events where resource_id = $1", [
      accountId,
    ]);
    expect(rows.map(({ action }) => action)).toContain("account.factor_removed");
    expect(await factorMailsOf(accountId)).toEqual(["factor_confirmed", "factor_removed"]);
  });
});

test("a mail tells of each factor that is confirmed or removed, and of each recovery code that is used", async () => {
  const { accountId, token, recoveryCodes } = await addEnrolled(world);
  await withCode("recovery-codes", token, { code: recoveryCodes[0] });
  expect(await factorMailsOf(accountId)).toEqual(["factor_confirmed", "recovery_code_used"]);
  const own = await addEnrolled(world);
  await withCode("remove", own.token, { code: codeOf(world, own.secret) });
  expect(await factorMailsOf(own.accountId)).toEqual(["factor_confirmed", "factor_removed"]);
});

describe("guessing codes", () => {
  const phone = "Mozilla/5.0 (Linux; Android 14) Chrome/128.0 Mobile Safari/537.36";
  const asPhone = { "user-agent": phone, cookie: "browser=ThePhonesOwnRandomName" };

  test("is stopped for strangers who know the password, while the owner's own device goes on", async () => {
    const account = await world.addAccount();
    const first = await signIn(world, account, asPhone);
    const { secret } = await enrol(world, first.body.token);
    let refused = "";
    for (let step = 0; step < 5 && refused !== "rate.limited"; step += 1) {
      const { codeToken } = (await signIn(world, account)).body;
      for (let guess = 0; guess < 5; guess += 1)
        refused = (await giveCode(world, codeToken, "000000")).body.code;
    }
    expect(refused).toBe("rate.limited");
    const { codeToken } = (await signIn(world, account, asPhone)).body;
    const body = { codeToken, code: codeOf(world, secret) };
    const own = await world.ask("POST", "/v1/sessions/code", { body, headers: asPhone });
    expect(own.status).toBe(201);
    const events = await world.ask("GET", "/v1/account-events", { token: own.body.token });
    expect(events.body.data.map(({ kind }: { kind: string }) => kind)).toContain("codes.often_refused");
  });

  test("tells whether an account has a factor only to whoever knows its password", async () => {
    const [bare, enrolled] = [await world.addAccount(), await addEnrolled(world)];
    const answers = [];
    for (const { email } of [bare, enrolled]) answers.push(await signIn(world, { email, password: "wrong" }));
    const [left, right] = answers.map(({ status, body }) => ({ status, ...body, instance: "" }));
    expect(left).toEqual(right);
    expect(left).toMatchObject({ status: 401, code: "session.refused" });
  });
});
