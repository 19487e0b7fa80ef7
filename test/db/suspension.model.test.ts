import { afterAll, beforeAll, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { changeSuspension, settleAppeal } from "../../db/suspend-account.ts";
import type { SuspensionReason } from "../../domain/account/suspension.ts";
import type { AccountId } from "../../domain/id.ts";
import { createAccountWorld, goodPassword } from "../api/account-world.ts";
import type { AccountWorld } from "../api/account-world.ts";
import { fc, runs } from "../support/properties.ts";

let world: AccountWorld;
/** Two admins, and a command that nobody in particular gave. */
let deciders: (AccountId | null)[];
beforeAll(async () => {
  world = await createAccountWorld(createRateLimits(1_000));
  const admins = [await world.addAccount(), await world.addAccount()];
  deciders = [...admins.map(({ accountId }) => accountId), null];
});
afterAll(() => world.close());

const hour = 60 * 60_000;

type Owner = { email: string; accountId: AccountId };

/** `which`: of the appeals so far, answered ones included. */
type Command = { what: (typeof commands)[number]; by: number; which: number };
const commands = ["suspend", "lift", "appeal", "grant", "refuse", "sign_in"] as const;
const command: fc.Arbitrary<Command> = fc.record({
  what: fc.constantFrom(...commands),
  by: fc.nat(2),
  which: fc.nat(3),
});
/** What happens at once. */
const wave = fc.oneof(
  fc.array(command, { minLength: 1, maxLength: 3 }),
  command.map((one) => [one, one]),
);
const suspendedBy = (by: number): Command[][] => [[{ what: "suspend", by, which: 0 }]];
const appealed: Command[][] = [[{ what: "appeal", by: 0, which: 0 }]];
const waves = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: wave.map((one) => [one]) },
      { weight: 1, arbitrary: fc.nat(2).map((by) => [...suspendedBy(by), ...appealed]) },
      { weight: 1, arbitrary: fc.constant([...appealed, ...appealed, ...appealed]) },
    ),
    { minLength: 2, maxLength: 12, size: "max" },
  )
  .map((parts) => parts.flat());

async function carryOut({ email, accountId }: Owner, { what, by, which }: Command): Promise<void> {
  const said = { by: deciders[by] ?? null, now: world.deps.clock.now() };
  const change = (reason: SuspensionReason | null) =>
    changeSuspension(world.deps.admin, { accountId, reason, ...said });
  switch (what) {
    case "suspend":
      await change("fraud");
      return;
    case "lift":
      await change(null);
      return;
    case "appeal": {
      const { status } = await world.post("/v1/account-appeals", {
        email,
        password: goodPassword,
        text: "No",
      });
      expect([201, 409]).toContain(status);
      return;
    }
    case "grant":
    case "refuse": {
      const appeals = await appealsOf(accountId);
      const id = appeals[which % Math.max(1, appeals.length)]?.id;
      const to = what === "grant" ? ("granted" as const) : ("refused" as const);
      if (id !== undefined) await settleAppeal(world.deps.admin, { id, to, ...said });
      return;
    }
    case "sign_in":
      // The quick passwords of tests are hashed anew at each sign-in: of two at once one may have to begin again.
      expect([201, 401, 403]).toContain((await world.signIn(email)).status);
  }
}

function appealsOf(accountId: AccountId) {
  return world.deps.db.withoutShop((trx) =>
    trx
      .selectFrom("account_appeals")
      .select(["id", "state", "created_at"])
      .where("account_id", "=", accountId)
      .orderBy("id")
      .execute(),
  );
}

/** Of the account as it stands. */
async function judge({ email, accountId }: Owner): Promise<void> {
  const { rows } = await world.owner.query<{ suspended_at: Date | null; living: number }>(
    `select suspended_at, (select count(*)::int from sessions s where s.account_id = a.id and ended_at is null) as living
      from accounts a where id = $1`,
    [accountId],
  );
  const { suspended_at: since, living } = rows[0] ?? { suspended_at: null, living: -1 };
  const open = (await appealsOf(accountId)).filter(({ state }) => state === "open");
  expect(open.length, "three wait at most").toBeLessThanOrEqual(3);
  if (since === null) {
    expect(open, "an open account's appeals are answered").toEqual([]);
    return;
  }
  expect(living, "no session lives in a suspension").toBe(0);
  expect((await world.signIn(email)).status).toBe(403);
  // What happens at once may read the clock in any order.
  for (const { created_at: at } of open)
    expect(at.getTime(), "an appeal speaks for its own suspension").toBeGreaterThan(
      since.getTime() - hour / 2,
    );
}

type Act = { action: string; actor: AccountId | null; resource: string };

/** By what is written down: turn about, each appeal answered once, never by who suspended; and each told by a mail. */
async function judgeActs({ accountId }: Owner): Promise<void> {
  const ids = (await appealsOf(accountId)).map(({ id }) => id);
  const { rows: acts } = await world.owner.query<Act>(
    `select action, actor_id as actor, resource_id as resource from audit_events
      where resource_id = any ($1) and action in
        ('account.suspended', 'account.reinstated', 'appeal.granted', 'appeal.refused') order by id`,
    [[accountId, ...ids]],
  );
  let suspender: AccountId | null | undefined;
  const answered = new Set<string>();
  for (const { action, actor, resource } of acts) {
    if (action === "account.suspended") {
      expect(suspender, "what is suspended is not suspended").toBeUndefined();
      suspender = actor;
    } else if (action === "account.reinstated") {
      expect(suspender, "what is open is not opened").toBeDefined();
      suspender = undefined;
    } else if (action.startsWith("appeal.")) {
      expect(answered.has(resource), "an appeal is answered once").toBe(false);
      answered.add(resource);
      expect(suspender, "an appeal is answered while it matters").toBeDefined();
      if (actor !== null) expect(actor, "who suspended does not answer").not.toBe(suspender);
    }
  }
  const count = (action: string) => acts.filter((act) => act.action === action).length;
  const mails = await mailsOf(accountId);
  expect(mails).toEqual({
    account_suspended: count("account.suspended"),
    account_reinstated: count("account.reinstated"),
    appeal_refused: count("appeal.refused"),
  });
}

async function mailsOf(accountId: AccountId) {
  const { rows } = await world.owner.query<Record<string, number>>(
    `select count(*) filter (where kind = 'account_suspended')::int as account_suspended,
      count(*) filter (where kind = 'account_reinstated')::int as account_reinstated,
      count(*) filter (where kind = 'appeal_refused')::int as appeal_refused from mails where account_id = $1`,
    [accountId],
  );
  return rows[0];
}

test("an account is suspended, appealed for, opened and entered, whatever is said and at once: none of it outlives its time", async () => {
  await fc.assert(
    fc.asyncProperty(waves, async (told) => {
      const owner = await world.addVerified();
      for (const one of told) {
        world.passTime(hour);
        await Promise.all(one.map((each) => carryOut(owner, each)));
        await judge(owner);
      }
      await judgeActs(owner);
    }),
    { numRuns: runs(15) },
  );
}, 120_000);
