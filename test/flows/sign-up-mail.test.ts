import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";

import { currentPolicies } from "../../domain/account/policies.ts";
import { eventually } from "../support/eventually.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { rowsOf } from "../support/outside.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

const password = "seven green umbrellas";

async function post(path: string, body: object, token?: string) {
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  const headers = { "content-type": "application/json", ...authorization };
  return fetch(house.apiUrl + path, { method: "POST", headers, body: JSON.stringify(body) });
}

async function signUp(): Promise<string> {
  const email = `aye-${randomBytes(5).toString("hex")}@example.com`;
  const accepted = {
    terms: currentPolicies.terms.version,
    privacy: currentPolicies.privacy.version,
    processingAbroad: currentPolicies.processing_abroad.version,
    adult: currentPolicies.adult.version,
  };
  const answer = await post("/v1/accounts", { email, password, accepted, language: "en" });
  expect(answer.status).toBe(202);
  return email;
}

const lettersTo = (email: string) => house.sim.context.letters.list(email);

/** Instead of waiting for the next attempt. */
const hurry = () => rowsOf(house, "update mails set next_attempt_at = now() where state = 'queued'", []);

test("the mail of a sign-up arrives, and its link opens the account", async () => {
  const email = await signUp();
  const [letter] = await eventually("the mail is there", () => {
    const letters = lettersTo(email);
    return letters.length > 0 && letters;
  });
  const { token } = (await (await post("/v1/sessions", { email, password })).json()) as { token: string };
  const link = /\/console\/verify\?token=([\w-]+)/.exec(letter?.text ?? "")?.[1];
  const verified = await post("/v1/email-verifications", { token: link }, token);
  expect(verified.status).toBe(200);
});

test("it arrives once the mail server is back, and a lost answer makes a copy with the same Message-ID", async () => {
  const { faults } = house.sim.context;
  faults.arm({ to: "mail", status: 451 });
  const email = await signUp();
  await eventually("the server was busy", async () => {
    const rows = await rowsOf<{ code: string | null }>(house, "select error_code as code from mails", []);
    return rows.some(({ code }) => code === "smtp.451");
  });
  expect(lettersTo(email)).toEqual([]);
  faults.arm({ to: "mail", match: email, dropAfter: true });
  await hurry();
  await eventually("the work is done, the answer lost", async () => {
    const rows = await rowsOf<{ code: string | null }>(house, "select error_code as code from mails", []);
    return lettersTo(email).length === 1 && rows.some(({ code }) => code === "smtp.away");
  });
  await hurry();
  await eventually("it is sent", () => lettersTo(email).length === 2);
  expect(new Set(lettersTo(email).map(({ messageId }) => messageId)).size).toBe(1);
});
