import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { GrowingLimiter } from "../../api/auth/growing-limiter.ts";
import { hashPassword } from "../../api/auth/password.ts";
import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { createAccountWorld, goodPassword, kindsOf, newEmail, wordsOf } from "./account-world.ts";
import type { AccountWorld } from "./account-world.ts";
import { codeOf, enrol, giveCode } from "./factor-steps.ts";

const minute = 60_000;
const newPassword = "eight yellow raincoats";

let world: AccountWorld;
beforeAll(async () => {
  world = await createAccountWorld(createRateLimits(100));
});
afterAll(() => world.close());

async function askForReset(email: string): Promise<string> {
  await world.post("/v1/password-resets", { email });
  return world.tokenOf(await world.idOf(email), "reset_password");
}

const complete = (token: string, password = newPassword) =>
  world.post("/v1/password-resets/complete", { token, password });

describe("a forgotten password", () => {
  test("is asked for with one answer, whether there is an account or not", async () => {
    const { email, accountId } = await world.addVerified();
    const known = await world.post("/v1/password-resets", { email });
    const unknown = await world.post("/v1/password-resets", { email: newEmail() });
    expect(wordsOf(known)).toEqual(wordsOf(unknown));
    expect(known.status).toBe(202);
    expect(kindsOf(await world.mailsOf(accountId))).toEqual(["verify_email", "reset_password"]);
  });

  test("is replaced by the link once, which ends every session and signs nobody in", async () => {
    const { email, accountId, token } = await world.addVerified();
    const link = await askForReset(email);
    const done = await complete(link);
    expect({ status: done.status, cookie: done.headers.get("set-cookie") }).toEqual({
      status: 204,
      cookie: null,
    });
    expect((await world.ask("GET", "/v1/sessions/current", { token })).status).toBe(401);
    expect((await world.signIn(email)).status).toBe(401);
    expect((await world.signIn(email, newPassword)).status).toBe(201);
    const again = await complete(link, "nine purple teapots");
    expect({ status: again.status, code: again.body.code }).toEqual({ status: 422, code: "link.invalid" });
    expect(kindsOf(await world.mailsOf(accountId)).at(-1)).toBe("password_changed");
  });

  test("once replaced, makes every device but this one a new one, that of an intruder included", async () => {
    const { email, accountId } = await world.addVerified();
    const from = "10.222.1.1";
    const enter = (password: string) => world.post("/v1/sessions", { email, password }, { from });
    const told = async () => {
      const { rows } = await world.owner.query(
        "select id from mails where account_id = $1 and kind = 'new_device'",
        [accountId],
      );
      return rows.length;
    };
    await enter(goodPassword);
    await enter(goodPassword);
    expect(await told()).toBe(1);
    expect((await complete(await askForReset(email))).status).toBe(204);
    const before = await told();
    await enter(newPassword);
    expect(await told()).toBe(before + 1);
  });

  test("is replaced without the second factor being asked for or gone", async () => {
    const { email, token } = await world.addVerified();
    const factor = await enrol(world, token);
    const asked = (await world.signIn(email)).body;
    expect((await complete(await askForReset(email))).status).toBe(204);
    // Neither the sessions nor the sign-ins of the old password go on.
    expect((await world.ask("GET", "/v1/sessions/current", { token: factor.token })).status).toBe(401);
    const code = codeOf(world, factor.secret);
    expect((await giveCode(world, asked.codeToken, code)).body.code).toBe("sign_in.over");
    const answer = await world.signIn(email, newPassword);
    expect([answer.status, answer.body.token]).toEqual([200, undefined]);
    expect((await giveCode(world, answer.body.codeToken, code)).status).toBe(201);
  });

  test("is replaced by one of two requests at once", async () => {
    const { email } = await world.addVerified();
    const link = await askForReset(email);
    const answers = await Promise.all([complete(link, newPassword), complete(link, "nine purple teapots")]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 422]);
  });

  test("keeps its link for half an hour, and only the newest", async () => {
    const { email } = await world.addVerified();
    const first = await askForReset(email);
    const second = await askForReset(email);
    expect((await complete(first)).body.code).toBe("link.invalid");
    world.passTime(30 * minute);
    expect((await complete(second)).body.code).toBe("link.invalid");
    expect((await complete("nonsense")).body.code).toBe("link.invalid");
  });

  test("is not replaced by a bad one, and the link is still good then", async () => {
    const { email } = await world.addVerified();
    const link = await askForReset(email);
    expect((await complete(link, "iloveyou1")).body.code).toBe("password.common");
    expect((await complete(link, `my ${email}`)).body.code).toBe("password.contains_email");
    expect((await complete(link)).status).toBe(204);
  });

  test("opens the way in while strangers guess from everywhere", async () => {
    const few = { keyPrefix: "few", points: 3, duration: 900, firstBlock: 60, longestBlock: 900 };
    const strict = await createAccountWorld({
      ...createRateLimits(100),
      signInByAccount: new GrowingLimiter(few),
    });
    const { email, accountId } = await strict.addVerified();
    const from = "10.210.7.1";
    const signIn = (guess: string, network?: string) =>
      strict.post("/v1/sessions", { email, password: guess }, network === undefined ? {} : { from: network });
    const statuses = async () => {
      const answers = [];
      for (let guess = 0; guess < 5; guess += 1) answers.push((await signIn("wrong")).status);
      return answers;
    };
    expect(await statuses()).toEqual([401, 401, 401, 429, 429]);
    expect((await signIn(goodPassword, from)).status).toBe(429);
    await strict.post("/v1/password-resets", { email }, { from });
    const token = await strict.tokenOf(accountId, "reset_password");
    await strict.post("/v1/password-resets/complete", { token, password: newPassword }, { from });
    // From where the password was set, and from then on, whatever strangers do.
    for (let day = 0; day < 2; day += 1) {
      expect((await signIn(newPassword, from)).status).toBe(201);
      await statuses();
    }
    expect((await signIn(newPassword)).status).toBe(429);
    await strict.close();
  });
});

describe("a password", () => {
  test("is changed by whoever knows it; other sessions end, links asked for before are void", async () => {
    const { email, accountId, token } = await world.addVerified();
    const other = String((await world.signIn(email)).body.token);
    const link = await askForReset(email);
    const change = (currentPassword: string) =>
      world.post("/v1/accounts/current/password", { currentPassword, newPassword }, { token });
    const wrong = await change("wrong");
    expect({ status: wrong.status, code: wrong.body.code }).toEqual({ status: 403, code: "password.wrong" });
    const changed = await change(goodPassword);
    // A copy of the old token is worth nothing.
    expect((await world.ask("GET", "/v1/sessions/current", { token })).status).toBe(401);
    expect(changed.headers.get("set-cookie")).toContain(`session=${changed.body.token}`);
    const mine = await world.ask("GET", "/v1/sessions/current", { token: changed.body.token });
    expect(mine.status).toBe(200);
    expect((await world.ask("GET", "/v1/sessions/current", { token: other })).status).toBe(401);
    expect((await complete(link)).body.code).toBe("link.invalid");
    expect(kindsOf(await world.mailsOf(accountId)).at(-1)).toBe("password_changed");
  });

  test("of the session's account is guessed ten times at most", async () => {
    const strict = await createAccountWorld();
    const { token } = await strict.addVerified();
    const guess = () =>
      strict.post("/v1/accounts/current/password", { currentPassword: "wrong", newPassword }, { token });
    for (let time = 0; time < 10; time += 1) expect((await guess()).status).toBe(403);
    expect((await guess()).status).toBe(429);
    await strict.close();
  });

  test("that was hashed in an older way is hashed with the pepper at the next sign-in", async () => {
    const { email, accountId } = await world.addVerified();
    const hashOf = async () =>
      (
        await world.owner.query<{ hash: string }>(
          "select password_hash as hash from accounts where id = $1",
          [accountId],
        )
      ).rows[0]?.hash ?? "";
    expect(await hashOf()).toMatch(/^\$pepper1\$argon2id/);
    await world.owner.query("update accounts set password_hash = $2 where id = $1", [
      accountId,
      await hashPassword(goodPassword),
    ]);
    expect(await hashOf()).toMatch(/^\$argon2id/);
    expect((await world.signIn(email)).status).toBe(201);
    expect(await hashOf()).toMatch(/^\$pepper1\$argon2id/);
    expect((await world.signIn(email)).status).toBe(201);
    expect((await world.signIn(email, "wrong")).status).toBe(401);
  });
});

describe("another address", () => {
  const change = (token: string, email: string, password = goodPassword) =>
    world.post("/v1/email-changes", { email, password }, { token });

  test("is taken when its link is followed in the account's session; the old one is told", async () => {
    const { email, accountId, token } = await world.addVerified();
    const fresh = newEmail();
    expect((await change(token, fresh, "wrong")).body.code).toBe("password.wrong");
    expect((await change(token, fresh)).status).toBe(202);
    const asked = (await world.mailsOf(accountId)).at(-1);
    expect(asked).toMatchObject({ kind: "change_email", secret: { to: fresh } });
    expect((await world.signIn(fresh)).status).toBe(401);
    const link = { token: asked?.secret.token };
    const stranger = await world.addVerified();
    const refused = await world.post("/v1/email-changes/confirm", link, { token: stranger.token });
    expect(refused.body.code).toBe("link.invalid");
    const confirmed = await world.post("/v1/email-changes/confirm", link, { token });
    expect(confirmed.status).toBe(200);
    // A copy of the old token is worth nothing.
    expect((await world.post("/v1/email-changes/confirm", link, { token })).status).toBe(401);
    expect((await world.signIn(fresh)).status).toBe(201);
    expect((await world.signIn(email)).status).toBe(401);
    expect((await world.mailsOf(accountId)).at(-1)).toMatchObject({
      kind: "email_changed",
      secret: { to: email },
    });
    const again = await world.post("/v1/email-changes/confirm", link, { token: confirmed.body.token });
    expect(again.body.code).toBe("link.invalid");
  });

  test("and another password are no step-up of the session that they renew", async () => {
    const { token } = await world.addVerified();
    const { body: before } = await world.ask("GET", "/v1/sessions/current", { token });
    world.passTime(minute);
    const form = { currentPassword: goodPassword, newPassword };
    const { body } = await world.post("/v1/accounts/current/password", form, { token });
    const { body: after } = await world.ask("GET", "/v1/sessions/current", { token: body.token });
    expect(after.steppedUpUntil).toBe(before.steppedUpUntil);
  });

  test("that is another account's answers alike, and that account is told", async () => {
    const [mine, theirs] = [await world.addVerified(), await world.addVerified()];
    const free = await change(mine.token, newEmail());
    const taken = await change(mine.token, theirs.email);
    expect(wordsOf(taken)).toEqual(wordsOf(free));
    expect(kindsOf(await world.mailsOf(theirs.accountId)).at(-1)).toBe("address_taken");
    expect(kindsOf(await world.mailsOf(mine.accountId)).at(-1)).toBe("change_email");
  });

  test("that somebody took meanwhile is refused, and nothing changes", async () => {
    const { email, accountId, token } = await world.addVerified();
    const fresh = newEmail();
    await change(token, fresh);
    const link = { token: await world.tokenOf(accountId, "change_email") };
    await world.signUp({ email: fresh });
    const refused = await world.post("/v1/email-changes/confirm", link, { token });
    expect({ status: refused.status, code: refused.body.code }).toEqual({
      status: 409,
      code: "account.email_taken",
    });
    expect((await world.signIn(email)).status).toBe(201);
  });
});
