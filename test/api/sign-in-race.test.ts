import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { hashPassword } from "../../api/auth/password.ts";
import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { startSession } from "../../api/auth/start-session.ts";
import { holdPassword } from "../../db/account-changes.ts";
import { findAccount } from "../../db/accounts.ts";
import { eventually } from "../support/eventually.ts";
import { createAccountWorld, goodPassword } from "./account-world.ts";
import type { AccountWorld } from "./account-world.ts";
import { enrol } from "./factor-steps.ts";

let world: AccountWorld;
let other: Client;
beforeAll(async () => {
  world = await createAccountWorld(createRateLimits(100));
  other = new Client({ connectionString: world.database.urls.owner });
  other.on("error", () => undefined); // dropping the database ends it
  await other.connect();
});
afterAll(async () => {
  await other.end();
  await world.close();
});

async function isSomebodyWaiting(): Promise<boolean> {
  const { rowCount } = await world.owner.query(
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rowCount !== 0;
}

/** Asks while a change is made and not committed yet, and commits it once the request waits, or is through. */
async function askBeside<T>(change: string, accountId: string, ask: () => Promise<T>): Promise<T> {
  await other.query("begin");
  await other.query(change, [accountId]);
  let isDone = false;
  const answer = ask().finally(() => {
    isDone = true;
  });
  await eventually("the request waits or is through", async () => isDone || (await isSomebodyWaiting()));
  await other.query("commit");
  return answer;
}

const anotherHash = await hashPassword("seven green raincoats");
const changes = {
  "a new password": [`update accounts set password_hash = '${anotherHash}' where id = $1`, "session.refused"],
  "a suspension": [
    "update accounts set suspended_at = now(), suspended_for = 'fraud' where id = $1",
    "account.suspended",
  ],
} as const;

describe.each(Object.entries(changes))(
  "%s that is committed while somebody signs in",
  (_what, [sql, code]) => {
    test("leaves no session of before", async () => {
      const { email, accountId } = await world.addVerified();
      const answer = await askBeside(sql, accountId, () => world.signIn(email));
      expect(answer.body).toMatchObject({ code });
    });

    test("leaves no code to be given", async () => {
      const { email, accountId, token } = await world.addVerified();
      await enrol(world, token);
      const answer = await askBeside(sql, accountId, () => world.signIn(email));
      expect(answer.body).toMatchObject({ code });
    });
  },
);

test("a session that was begun while a reset waited ends with it", async () => {
  const { email, accountId } = await world.addVerified();
  await world.post("/v1/password-resets", { email });
  const link = await world.tokenOf(accountId, "reset_password");
  const account = await world.deps.db.withoutShop((trx) => findAccount(trx, accountId));
  const passwordHash = account?.passwordHash ?? "";
  const origin = { device: "Firefox on Linux", network: "10.9.9.0/24", browser: "a".repeat(22) };
  const reset = () =>
    world.post("/v1/password-resets/complete", { token: link, password: "eight yellow raincoats" });
  let completed: ReturnType<typeof reset> | undefined;
  const session = { accountId, language: "en", origin, hasFactor: false } as const;
  const { token } = await startSession(world.deps, session, async (trx) => {
    await holdPassword(trx, { accountId, passwordHash });
    completed = reset();
    await eventually("the reset waits", isSomebodyWaiting);
  });
  expect((await completed)?.status).toBe(204);
  expect((await world.ask("GET", "/v1/sessions/current", { token })).status).toBe(401);
  expect((await world.signIn(email, goodPassword)).status).toBe(401);
});
