import { afterAll, beforeAll, expect, test } from "vitest";

import { GrowingLimiter } from "../../api/auth/growing-limiter.ts";
import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { createAccountWorld, newEmail, wordsOf } from "./account-world.ts";
import type { AccountWorld } from "./account-world.ts";
import { enrol } from "./factor-steps.ts";

let world: AccountWorld;
let from = 0;
/** From everywhere; in truth it is a hundred. */
const mostGuesses = 20;
beforeAll(async () => {
  const fewer = { keyPrefix: "fewer", points: mostGuesses, duration: 900, firstBlock: 60, longestBlock: 900 };
  world = await createAccountWorld({ ...createRateLimits(), signInByAccount: new GrowingLimiter(fewer) });
});
afterAll(() => world.close());

const phone = "Mozilla/5.0 (Linux; Android 14) Chrome/128.0 Mobile Safari/537.36";
const laptop = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/130.0";

/** Each of these is somebody whom a stranger asks about. */
const people: Record<string, () => Promise<string>> = {
  "an unproven address": async () => (await world.addPerson()).email,
  "an account": async () => (await world.addVerified()).email,
  "an account with a second factor": async () => {
    const { email, token } = await world.addVerified();
    await enrol(world, token);
    return email;
  },
  "a suspended account": async () => {
    const { email, accountId } = await world.addVerified();
    const sql = "update accounts set suspended_at = now(), suspended_for = 'fraud' where id = $1";
    await world.owner.query(sql, [accountId]);
    return email;
  },
};

type Guess = { email: string; agent?: string; password?: string };

/** From one network, which these guesses have for themselves. */
function guesser() {
  from += 1;
  const headers = { "x-forwarded-for": `198.51.${from}.7` };
  return async ({ email, agent = laptop, password = "wrong" }: Guess) => {
    const body = { email, password };
    return world.ask("POST", "/v1/sessions", { body, headers: { ...headers, "user-agent": agent } });
  };
}

async function answersTo(guesses: Guess[]): Promise<unknown[]> {
  const guess = guesser();
  const answers: unknown[] = [];
  for (const one of guesses) answers.push(wordsOf(await guess(one)));
  return answers;
}

test.each(Object.keys(people))("guesses at %s are answered as those at nobody, to the limit", async (who) => {
  const email = (await people[who]?.()) ?? "";
  const at = (address: string) => answersTo(Array.from({ length: 12 }, () => ({ email: address })));
  expect(await at(email)).toEqual(await at(newEmail()));
});

test("a neighbour does not learn by the count on which kind of phone an account signs in", async () => {
  const { email } = await world.addVerified();
  const guess = guesser();
  expect((await guess({ email, agent: phone, password: "seven green umbrellas" })).status).toBe(201);
  for (let count = 0; count < 10; count += 1) await guess({ email });
  expect((await guess({ email, agent: phone })).status).toBe(429);
});

test("a username and an address do not tell of each other that they are one account's", async () => {
  const { email, accountId } = await world.addVerified();
  const username = `thiri.${accountId.slice(-8)}`;
  const index = await world.deps.blindIndexer.index("platform", "account.username", username);
  await world.owner.query("update accounts set username_index = $2 where id = $1", [accountId, index]);
  const both = (address: string) =>
    answersTo([...Array.from({ length: 10 }, () => ({ email: address })), { email: username }]);
  expect(await both(email)).toEqual(await both(newEmail()));
});

test("whoever guesses at an account from everywhere does not learn that its owner has signed in", async () => {
  const count = async (isOwnerThere: boolean) => {
    const { email } = await world.addVerified();
    for (let guess = 0; guess < mostGuesses; guess += 1) {
      await world.post("/v1/sessions", { email, password: "wrong" });
      if (isOwnerThere && guess === 10) await world.signIn(email);
    }
    return (await world.post("/v1/sessions", { email, password: "wrong" })).status;
  };
  expect(await count(true)).toBe(await count(false));
});
