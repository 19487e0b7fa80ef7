import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { forgetAcceptances } from "../../db/policy-acceptances.ts";
import { accepted, createAccountWorld, goodPassword, kindsOf, newEmail, wordsOf } from "./account-world.ts";
import type { AccountWorld } from "./account-world.ts";

const minute = 60_000;

let world: AccountWorld;
beforeAll(async () => {
  world = await createAccountWorld(createRateLimits(100));
});
afterAll(() => world.close());

describe("a taken address", () => {
  test("gets the same answer, and its owner a mail; nothing else changes", async () => {
    const { email, accountId } = await world.addVerified();
    const free = await world.signUp();
    const taken = await world.signUp({
      email: ` ${email.toUpperCase()}`.trim(),
      password: "another green umbrella",
    });
    expect(wordsOf(taken)).toEqual(wordsOf(free));
    expect(kindsOf(await world.mailsOf(accountId))).toEqual(["verify_email", "address_taken"]);
    expect((await world.signIn(email, "another green umbrella")).status).toBe(401);
    expect((await world.signIn(email)).status).toBe(201);
  });

  test("is answered before anything is written, as a free one is", async () => {
    const { email: taken } = await world.addVerified();
    const { sealer } = world.deps;
    const { seal, makeKeys } = sealer;
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    // Both ways seal something, or make keys, before they write.
    Object.assign(sealer, {
      seal: (texts: Parameters<typeof seal>[0]) => opened.then(() => seal(texts)),
      makeKeys: (subjects: Parameters<typeof makeKeys>[0]) => opened.then(() => makeKeys(subjects)),
    });
    const ask = async (email: string) => {
      const response = await world.api.app.request("/v1/accounts", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ email, password: goodPassword, accepted }),
      });
      return response.status;
    };
    try {
      expect([await ask(taken), await ask(newEmail())]).toEqual([202, 202]);
    } finally {
      open();
      await world.api.drained();
      Object.assign(sealer, { seal, makeKeys });
    }
  });

  test("that nobody proved is begun anew: the last password counts, sessions and links before it are void", async () => {
    const squatter = await world.addPerson();
    const { email, accountId } = squatter;
    const oldLink = await world.tokenOf(accountId, "verify_email");
    await world.signUp({ email, password: "the owner's own sentence" });
    expect((await world.ask("GET", "/v1/sessions/current", { token: squatter.token })).status).toBe(401);
    expect((await world.signIn(email)).status).toBe(401);
    const { body } = await world.signIn(email, "the owner's own sentence");
    const refused = await world.post("/v1/email-verifications", { token: oldLink }, { token: body.token });
    expect(refused.body.code).toBe("link.invalid");
    const link = await world.tokenOf(accountId, "verify_email");
    expect((await world.post("/v1/email-verifications", { token: link }, { token: body.token })).status).toBe(
      200,
    );
  });

  test("that is begun anew has the acceptance of whoever began it last, which stays once the address is proven", async () => {
    const { email, accountId } = await world.addPerson();
    const acceptedAt = async () => {
      const { rows } = await world.owner.query(
        "select min(accepted_at) as first, count(*)::int as count from policy_acceptances where account_id = $1",
        [accountId],
      );
      expect(rows[0].count).toBe(4);
      return rows[0].first.getTime();
    };
    const before = await acceptedAt();
    world.passTime(minute);
    await world.signUp({ email });
    const anew = await acceptedAt();
    expect(anew).toBeGreaterThan(before);
    await world.owner.query("update accounts set verified_at = now() where id = $1", [accountId]);
    await world.deps.db.withoutShop((trx) => forgetAcceptances(trx, accountId));
    expect(await acceptedAt()).toBe(anew);
  });

  test("that is begun anew knows no device of whoever squatted on it", async () => {
    const [email, from, password] = [newEmail(), "10.223.1.1", "the owner's own sentence"];
    await world.signUp({ email });
    await world.post("/v1/sessions", { email, password: goodPassword }, { from });
    const accountId = await world.idOf(email);
    await world.signUp({ email, password });
    const { body } = await world.signIn(email, password);
    const link = await world.tokenOf(accountId, "verify_email");
    await world.post("/v1/email-verifications", { token: link }, { token: body.token });
    await world.post("/v1/sessions", { email, password }, { from });
    const { rows } = await world.owner.query(
      "select id from mails where account_id = $1 and kind = 'new_device'",
      [accountId],
    );
    expect(rows).toHaveLength(1);
  });

  test("of two sign-ups at once becomes one account", async () => {
    const email = newEmail();
    const { sealer } = world.deps;
    const { makeKeys } = sealer;
    // The first has found no account, and makes its keys, when the second begins and is done.
    sealer.makeKeys = async (subjects) => {
      sealer.makeKeys = makeKeys;
      const second = await world.api.app.request("/v1/accounts", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ email, password: goodPassword, accepted }),
      });
      expect(second.status).toBe(202);
      return makeKeys(subjects);
    };
    expect((await world.signUp({ email })).status).toBe(202);
    const kinds = kindsOf(await world.mailsOf(await world.idOf(email)));
    expect(kinds).toEqual(["verify_email", "verify_email"]);
  });
});
