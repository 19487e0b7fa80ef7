import { afterAll, beforeAll, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { platformShopId } from "../../db/accounts.ts";
import type { AccountId } from "../../domain/id.ts";
import { createAccountWorld } from "../api/account-world.ts";
import type { AccountWorld } from "../api/account-world.ts";
import { retentionAt } from "./retention-world.ts";

const day = 24 * 60 * 60_000;

let world: AccountWorld;
beforeAll(async () => {
  world = await createAccountWorld(createRateLimits(100));
});
afterAll(() => world.close());

const sweepAfter = (days: number) =>
  retentionAt(world.deps.system, new Date(Date.now() + days * day)).purge();

const mine = ["sessions", "account_tokens", "mails", "policy_acceptances", "known_devices", "account_events"];

/** How many rows are the account's, by table. */
async function rowsOf(accountId: AccountId): Promise<Record<string, number>> {
  const counts = await Promise.all(
    mine.map(async (table) => {
      const { rows } = await world.owner.query(`select from ${table} where account_id = $1`, [accountId]);
      return [table, rows.length] as const;
    }),
  );
  return Object.fromEntries(counts);
}

async function isKept(accountId: AccountId) {
  const { rows } = await world.owner.query(
    `select exists (select from accounts where id = $1) as account,
      exists (select from subjects where shop_id = $2 and id = $1) as subject,
      exists (select from subject_keys where shop_id = $2 and subject_id = $1) as keys`,
    [accountId, platformShopId],
  );
  return rows[0];
}

test("an account that nobody proves goes after seven days, with its keys and all that is its own", async () => {
  const { accountId } = await world.addPerson();
  await sweepAfter(6.9);
  expect(await isKept(accountId)).toEqual({ account: true, subject: true, keys: true });
  await sweepAfter(7.1);
  expect(await isKept(accountId)).toEqual({ account: false, subject: false, keys: false });
  expect(await rowsOf(accountId)).toEqual(Object.fromEntries(mine.map((table) => [table, 0])));
});

test("one that was begun anew has seven days again, one that is proven stays", async () => {
  const [anew, proven] = [await world.addPerson(), await world.addVerified()];
  await world.owner.query("update accounts set created_at = now() - interval '9 days' where id = $1", [
    anew.accountId,
  ]);
  await sweepAfter(6.9);
  expect(await isKept(anew.accountId)).toMatchObject({ account: true, keys: true });
  await sweepAfter(400);
  expect(await isKept(proven.accountId)).toEqual({ account: true, subject: true, keys: true });
  expect((await rowsOf(proven.accountId))["policy_acceptances"]).toBe(4);
});

test("links and sessions go a week after their end, settled mails after a month, what waits stays", async () => {
  const { accountId } = await world.addVerified();
  await world.owner.query("update sessions set ended_at = now() where account_id = $1", [accountId]);
  await sweepAfter(6.9);
  expect(await rowsOf(accountId)).toMatchObject({ sessions: 1, account_tokens: 1 });
  await sweepAfter(7.1);
  expect(await rowsOf(accountId)).toMatchObject({ sessions: 0, account_tokens: 0, mails: 1 });
  await sweepAfter(31);
  expect(await rowsOf(accountId)).toMatchObject({ mails: 1 });
  await world.owner.query("update mails set state = 'sent' where account_id = $1", [accountId]);
  await sweepAfter(29);
  expect(await rowsOf(accountId)).toMatchObject({ mails: 1 });
  await sweepAfter(31);
  expect(await rowsOf(accountId)).toMatchObject({ mails: 0 });
});

test("a device, and what the history tells, go 90 days after", async () => {
  const { accountId } = await world.addVerified();
  await sweepAfter(89.9);
  expect(await rowsOf(accountId)).toMatchObject({ known_devices: 1 });
  expect((await rowsOf(accountId))["account_events"]).toBeGreaterThan(0);
  await sweepAfter(90.1);
  expect(await rowsOf(accountId)).toMatchObject({ known_devices: 0, account_events: 0 });
});

test("invitations go a month after their end, steps of a sign-in with it", async () => {
  const { shopId } = await world.addShop();
  const { accountId } = await world.addAccount();
  await world.owner.query(
    `insert into invitations (shop_id, id, token_hash, email_index, email, role, created_by, created_at, expires_at)
      values ($1, gen_random_uuid(), 'a', 'b', '', 'viewer', $2, now(), now())`,
    [shopId, accountId],
  );
  await world.owner.query(
    `insert into sign_in_steps (token_hash, account_id, language, created_at, expires_at)
      values ('a', $1, 'en', now(), now() + interval '10 minutes')`,
    [accountId],
  );
  const count = async (table: string) => (await world.owner.query(`select from ${table}`)).rows.length;
  await sweepAfter(0);
  expect([await count("invitations"), await count("sign_in_steps")]).toEqual([1, 1]);
  await sweepAfter(1);
  expect([await count("invitations"), await count("sign_in_steps")]).toEqual([1, 0]);
  await sweepAfter(29.9);
  expect(await count("invitations")).toBe(1);
  await sweepAfter(30.1);
  expect(await count("invitations")).toBe(0);
});

test("an appeal goes a year after its answer, and not while it waits for one", async () => {
  const { accountId } = await world.addVerified();
  await world.owner.query(
    `insert into account_appeals (id, account_id, body, state, created_at, decided_at) values
      (gen_random_uuid(), $1, 'b', 'refused', now() - interval '9 years', now()),
      (gen_random_uuid(), $1, 'b', 'open', now() - interval '9 years', null)`,
    [accountId],
  );
  const states = async () => {
    const { rows } = await world.owner.query<{ state: string }>(
      "select state from account_appeals where account_id = $1",
      [accountId],
    );
    return rows.map(({ state }) => state).toSorted();
  };
  await sweepAfter(364.9);
  expect(await states()).toEqual(["open", "refused"]);
  await sweepAfter(365.1);
  expect(await states()).toEqual(["open"]);
});
