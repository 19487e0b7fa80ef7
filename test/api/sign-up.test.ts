import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { newMailToken } from "../../api/accounts/mail-token.ts";
import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { insertAccountToken } from "../../db/account-tokens.ts";
import { wordingHash } from "../../domain/account/policies.ts";
import type { AccountId } from "../../domain/id.ts";
import { accepted, attested, createAccountWorld, goodPassword, kindsOf, newEmail } from "./account-world.ts";
import type { AccountWorld } from "./account-world.ts";

const minute = 60_000;
const day = 24 * 60 * minute;

let world: AccountWorld;
beforeAll(async () => {
  world = await createAccountWorld(createRateLimits(100));
});
afterAll(() => world.close());

describe("signing up", () => {
  test("opens an account that can do nothing but prove its address", async () => {
    const { accountId, token } = await world.addPerson();
    const session = await world.ask("GET", "/v1/sessions/current", { token });
    expect(session.body).toMatchObject({ isVerified: false, shops: [] });
    for (const [method, path, body] of [
      ["GET", "/v1/shop", undefined],
      ["GET", "/v1/orders", undefined],
      ["POST", "/v1/shops", { name: "Mine", attested }],
    ] as const) {
      const answer = await world.ask(method, path, { token, body });
      expect({ path, status: answer.status, code: answer.body.code }).toEqual({
        path,
        status: 403,
        code: "account.unverified",
      });
    }
    const link = await world.tokenOf(accountId, "verify_email");
    const verified = await world.post("/v1/email-verifications", { token: link }, { token });
    expect(verified.body).toMatchObject({ isVerified: true });
    const as = { token: verified.body.token };
    expect((await world.post("/v1/shops", { name: "Mine", attested }, as)).status).toBe(201);
  });

  test("M:ONAMI-37 M:MIKY-02 P:ONA-26 P:ONA-47 P:UMA-59 P:MMSO-41 records what was accepted by version and wording, for good, and is refused without it", async () => {
    for (const [wrong, code] of [
      [undefined, "request.invalid"],
      [{ ...accepted, terms: "2020-01" }, "policy.not_in_force"],
      [{ ...accepted, privacy: true }, "request.invalid"],
      [{ terms: accepted.terms, privacy: accepted.privacy }, "request.invalid"],
      [{ ...accepted, adult: undefined }, "request.invalid"], // says nothing of being 18
    ] as const) {
      const refused = await world.post("/v1/accounts", {
        email: newEmail(),
        password: goodPassword,
        accepted: wrong,
      });
      expect({ status: refused.status, code: refused.body.code }).toEqual({
        status: 422,
        code,
      });
    }
    const { accountId } = await world.addPerson();
    const { rows } = await world.owner.query(
      "select policy, version, accepted_at is not null as is_timed, wording_hash as wording from policy_acceptances where account_id = $1 order by policy",
      [accountId],
    );
    expect(rows).toEqual([
      { policy: "adult", version: accepted.adult, is_timed: true, wording: wordingHash("adult") },
      { policy: "privacy", version: accepted.privacy, is_timed: true, wording: wordingHash("privacy") },
      {
        policy: "processing_abroad",
        version: accepted.processingAbroad,
        is_timed: true,
        wording: wordingHash("processing_abroad"),
      },
      { policy: "terms", version: accepted.terms, is_timed: true, wording: wordingHash("terms") },
    ]);
    expect(new Set(rows.map(({ wording }) => wording)).size).toBe(4);
    const api = new Client({ connectionString: world.database.urls.api });
    await api.connect();
    for (const change of ["update policy_acceptances set version = '1'", "delete from policy_acceptances"])
      await expect(api.query(change)).rejects.toThrow("permission denied");
    await api.end();
    const shown = await world.ask("GET", "/v1/policies");
    expect(shown.body.policies.map(({ version }: { version: string }) => version)).toEqual(
      Object.values(accepted),
    );
  });

  test("keeps neither the address nor the link nor the password in clear", async () => {
    const { email, accountId } = await world.addPerson();
    const link = await world.tokenOf(accountId, "verify_email");
    for (const table of ["accounts", "account_tokens", "mails", "audit_events", "subjects"]) {
      const { rows } = await world.owner.query<{ text: string }>(`select t::text as text from ${table} t`);
      const all = rows.map(({ text }) => text).join("\n");
      for (const secret of [
        email,
        Buffer.from(email).toString("hex"),
        link,
        Buffer.from(link).toString("hex"),
        goodPassword,
      ])
        expect({ table, found: all.includes(secret) }).toEqual({ table, found: false });
    }
  });

  test("P:ONA-40 steers to a strong password by length and by what attackers try, and by no rule of signs", async () => {
    const answers = await Promise.all(
      ["Ab3$xyz", "superman", "0okm9ijn", "မြန်မာ ရိုးရာ ထမင်း hot soup 天气 ".repeat(2).slice(0, 64)].map(
        (password) => world.signUp({ password }),
      ),
    );
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [422, "password.too_short"],
      [422, "password.common"], // among the first three thousand
      [422, "password.common"], // from a breach, far down the list
      [202, undefined],
    ]);
  });

  test.each([
    ["too short", "Ab3$xyz", "password.too_short"],
    ["common", "Password123", "password.common"],
    ["one piece over and over", "abcabcabcabc", "password.common"],
    ["the address", "x-{email}-x", "password.contains_email"],
    ["the address's name", "{local} 77!", "password.contains_email"],
  ])("refuses a password that is %s, and says so without repeating it", async (_what, pattern, code) => {
    const email = newEmail();
    const password = pattern.replace("{email}", email).replace("{local}", email.split("@")[0] ?? "");
    const refused = await world.signUp({ email, password });
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 422, code });
    expect(refused.bytes.toString("utf8")).not.toContain(password);
  });
});

describe("the code of whoever recommended us", () => {
  let code: string;
  beforeAll(async () => {
    const { owner: token } = await world.addTenant();
    code = (await world.ask("POST", "/v1/referral/join", { token, body: { termsVersion: 1 } })).body.code;
  });

  async function addRecommended(referralCode: string, email = newEmail()) {
    await world.signUp({ email, referralCode });
    return {
      email,
      accountId: await world.idOf(email),
      token: String((await world.signIn(email)).body.token),
    };
  }

  async function standingOf(accountId: AccountId) {
    const { rows } = await world.owner.query<{ source: string | null; kinds: string[] }>(
      `select p.source, array(select s.kind from referral_signals s where s.account_id = p.account_id order by 1) as kinds
        from referral_participants p where p.account_id = $1`,
      [accountId],
    );
    return rows[0];
  }

  test("counts from the moment that the address is proven, however the code was typed", async () => {
    const { accountId, token } = await addRecommended(` ${code.slice(0, 4)}-${code.slice(4).toLowerCase()} `);
    expect(await standingOf(accountId)).toBeUndefined();
    const link = await world.tokenOf(accountId, "verify_email");
    expect((await world.post("/v1/email-verifications", { token: link }, { token })).status).toBe(200);
    expect(await standingOf(accountId)).toEqual({ source: "sign_up", kinds: ["email"] });
  });

  test("M:MIKY-04 comes with the address and the password, and the name is given once signed in", async () => {
    const { email, accountId, token } = await addRecommended(code);
    const link = await world.tokenOf(accountId, "verify_email");
    const verified = await world.post("/v1/email-verifications", { token: link }, { token });
    const profile = { username: null, name: "Daw Hla Hla", phone: null };
    const as = { token: (await world.signIn(email, goodPassword)).body.token };
    expect((await world.ask("PUT", "/v1/profile", { ...as, body: profile })).status).toBe(200);
    expect((await world.ask("GET", "/v1/profile", as)).body).toEqual(profile);
    expect(verified.body).toMatchObject({ isVerified: true });
    const { rows } = await world.owner.query<{ code: string; account: string }>(
      `select r.code, a::text as account from referral_participants p
        join referral_participants r on r.id = p.referrer_id join accounts a on a.id = p.account_id
        where p.account_id = $1`,
      [accountId],
    );
    expect(rows[0]?.code).toBe(code);
    for (const secret of [email, goodPassword, "Daw Hla Hla"]) {
      expect(rows[0]?.account).not.toContain(secret);
      expect(rows[0]?.account).not.toContain(Buffer.from(secret).toString("hex"));
    }
  });

  test("leaves a sign that all addresses of one mailbox share, and the browser that proved them", async () => {
    const email = newEmail();
    const accountIds = [];
    for (const address of [email, email.replace("@", "+second@")]) {
      const { accountId, token } = await addRecommended(code, address);
      const link = await world.tokenOf(accountId, "verify_email");
      const headers = { cookie: `browser=${"b".repeat(22)}` };
      await world.ask("POST", "/v1/email-verifications", { token, body: { token: link }, headers });
      accountIds.push(accountId);
    }
    const { rows } = await world.owner.query(
      `select kind, count(distinct account_id)::int as accounts, count(distinct index)::int as indexes
        from referral_signals where account_id = any ($1) group by kind order by kind`,
      [accountIds],
    );
    expect(rows).toEqual([
      { kind: "device", accounts: 2, indexes: 1 },
      { kind: "email", accounts: 2, indexes: 1 },
    ]);
  });

  test("of a stranger's sign-up counts for nobody who asks for a new password: the link is the sign-up's again", async () => {
    const { email, accountId } = await addRecommended(code);
    await world.post("/v1/password-resets", { email });
    expect(kindsOf(await world.mailsOf(accountId))).toEqual(["verify_email", "verify_email"]);
    expect(await standingOf(accountId)).toBeUndefined();
  });

  test("is not made to count by a link for a new password that an older release mailed", async () => {
    const { accountId } = await addRecommended(code);
    const { token, tokenHash } = newMailToken();
    const [now, expiresAt] = [new Date(), new Date(Date.now() + minute)];
    const link = { tokenHash, accountId, kind: "reset_password", now, expiresAt } as const;
    await world.deps.db.withoutShop((trx) => insertAccountToken(trx, link));
    const body = { token, password: "eight yellow raincoats" };
    expect((await world.post("/v1/password-resets/complete", body)).body.code).toBe("link.invalid");
    expect(await standingOf(accountId)).toBeUndefined();
  });

  test("is the last sign-up's, whoever squatted on the address before", async () => {
    const { email, accountId } = await addRecommended(code);
    await world.signUp({ email });
    const { body } = await world.signIn(email);
    const link = await world.tokenOf(accountId, "verify_email");
    await world.post("/v1/email-verifications", { token: link }, { token: body.token });
    expect(await standingOf(accountId)).toBeUndefined();
  });

  test("holds nobody up when it is nobody's, and is refused when it can be no code", async () => {
    const { accountId, token } = await addRecommended("22223333");
    const link = await world.tokenOf(accountId, "verify_email");
    expect((await world.post("/v1/email-verifications", { token: link }, { token })).status).toBe(200);
    expect(await standingOf(accountId)).toBeUndefined();
    expect((await world.signUp({ referralCode: "<script>" })).status).toBe(422);
  });
});

describe("the link that proves an address", () => {
  test("is of no use without the account's session, nor to another account, and is not used up by them", async () => {
    const [mine, other] = [await world.addPerson(), await world.addPerson()];
    const token = await world.tokenOf(mine.accountId, "verify_email");
    expect((await world.post("/v1/email-verifications", { token })).status).toBe(401);
    const refused = await world.post("/v1/email-verifications", { token }, { token: other.token });
    expect({ status: refused.status, code: refused.body.code }).toEqual({
      status: 422,
      code: "link.invalid",
    });
    expect((await world.post("/v1/email-verifications", { token }, { token: mine.token })).status).toBe(200);
  });

  test("ends every other session of the account, and renews this one", async () => {
    const { email, accountId, token } = await world.addPerson();
    const other = (await world.signIn(email)).body.token;
    const link = await world.tokenOf(accountId, "verify_email");
    const verified = await world.post("/v1/email-verifications", { token: link }, { token });
    expect(verified.headers.get("set-cookie")).toContain(`session=${verified.body.token}`);
    const statusOf = async (of: string) =>
      (await world.ask("GET", "/v1/sessions/current", { token: of })).status;
    expect([await statusOf(other), await statusOf(token)]).toEqual([401, 401]);
    expect(await statusOf(verified.body.token)).toBe(200);
  });

  test("is good for a day, and a new one can be asked for, which voids the old", async () => {
    const person = await world.addPerson();
    const { accountId, token } = person;
    const first = await world.tokenOf(accountId, "verify_email");
    world.passTime(day);
    const late = await world.post("/v1/email-verifications", { token: first }, { token });
    expect(late.body.code).toBe("link.invalid");
    expect((await world.post("/v1/email-verifications/resend", undefined, { token })).status).toBe(202);
    const second = await world.tokenOf(accountId, "verify_email");
    expect((await world.post("/v1/email-verifications/resend", undefined, { token })).status).toBe(202);
    const voided = await world.post("/v1/email-verifications", { token: second }, { token });
    expect(voided.body.code).toBe("link.invalid");
    const third = await world.tokenOf(accountId, "verify_email");
    const done = await world.post("/v1/email-verifications", { token: third }, { token });
    expect(done.status).toBe(200);
    const as = { token: done.body.token };
    const again = await world.post("/v1/email-verifications/resend", undefined, as);
    expect(again.body.code).toBe("account.verified");
  });
});

describe("limits", () => {
  test("let one network ask five times an hour for an address, and hold nobody elsewhere", async () => {
    const strict = await createAccountWorld();
    const email = newEmail();
    const ask = (from: string) => strict.post("/v1/password-resets", { email }, { from });
    for (let time = 0; time < 5; time += 1) expect((await ask("10.200.1.1")).status).toBe(202);
    const refused = await ask("10.200.1.1");
    expect({ status: refused.status, code: refused.body.code }).toEqual({
      status: 429,
      code: "rate.limited",
    });
    expect(refused.body.retryAfter).toBe(60);
    expect((await ask("10.201.1.1")).status).toBe(202);
    await strict.close();
  });

  test("do not hold up who follows a link, whatever the neighbours in the network ask for", async () => {
    const strict = await createAccountWorld();
    const [{ email, accountId }, from] = [await strict.addVerified(), "10.202.1.1"];
    await strict.post("/v1/password-resets", { email });
    const token = await strict.tokenOf(accountId, "reset_password");
    let last = 202;
    for (let asked = 0; asked < 100 && last === 202; asked += 1)
      last = (await strict.post("/v1/password-resets", { email: newEmail() }, { from })).status;
    expect(last).toBe(429);
    const body = { token, password: "eight yellow raincoats" };
    expect((await strict.post("/v1/password-resets/complete", body, { from })).status).toBe(204);
    await strict.close();
  });

  test("keep a mailbox from being flooded from many networks, without a word", async () => {
    const { email, accountId } = await world.addVerified();
    for (let time = 0; time < 8; time += 1)
      expect((await world.post("/v1/password-resets", { email })).status).toBe(202);
    const kinds = kindsOf(await world.mailsOf(accountId));
    expect(kinds.filter((kind) => kind === "reset_password")).toHaveLength(5);
    // The newest link is good for half an hour; then there is another one.
    world.passTime(30 * minute);
    await world.post("/v1/password-resets", { email });
    expect(kindsOf(await world.mailsOf(accountId))).toHaveLength(7);
  });
});
