import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { mountAdminApi } from "../../api/v1/admin/admin-api.ts";
import { platformShopId } from "../../db/accounts.ts";
import { readHouseState } from "../../db/system-state.ts";
import { toTypeId } from "../../domain/id.ts";
import type { AccountId } from "../../domain/id.ts";
import type { PlatformRole } from "../../domain/platform-role.ts";
import { createAccountWorld, goodPassword, kindsOf } from "./account-world.ts";
import type { AccountWorld } from "./account-world.ts";
import type { Answer } from "./owner-world.ts";

type Admin = { token: string; accountId: AccountId };

let world: AccountWorld;
let first: Admin;
let second: Admin;
beforeAll(async () => {
  world = await createAccountWorld(createRateLimits(), [mountAdminApi]);
  [first, second] = [await addAdmin("platform_admin"), await addAdmin("compliance")];
});
afterAll(() => world.close());

async function addAdmin(role: PlatformRole): Promise<Admin> {
  const { email, accountId } = await world.addVerified();
  await world.giveRole(accountId, role);
  const { body } = await world.signIn(email);
  return { token: body.token, accountId };
}

const base = "/v1/admin/accounts";
const path = (accountId: AccountId) => `${base}/${toTypeId("acc", accountId)}`;
const codeOf = ({ status, body }: Answer) => ({ status, code: body.code });

function say(
  { token }: Pick<Admin, "token">,
  act: string,
  body?: object,
  key: string = randomUUID(),
): Promise<Answer> {
  const headers = { "idempotency-key": key };
  return world.ask("POST", act, { token, headers, ...(body === undefined ? {} : { body }) });
}

const look = ({ token }: Pick<Admin, "token">, at: string) => world.ask("GET", at, { token });

function suspend(by: Admin, accountId: AccountId, reason = "fraud", key?: string): Promise<Answer> {
  return say(by, `${path(accountId)}/suspend`, { reason }, key);
}

async function appeal(email: string, from: { from?: string } = {}): Promise<string> {
  const text = "It was my cousin's order.";
  const { body } = await world.post("/v1/account-appeals", { email, password: goodPassword, text }, from);
  return `/v1/admin/account-appeals/${body.id}`;
}

async function actsOf({ accountId }: Admin): Promise<string[]> {
  const { rows } = await world.owner.query<{ act: string }>(
    `select actor_kind || ' ' || action as act from audit_events
      where shop_id = $1 and actor_id = $2 and actor_kind = 'admin' order by at, id`,
    [platformShopId, accountId],
  );
  return rows.map(({ act }) => act);
}

test("M:ONAMI-30 guesses are refused and counted, an admin sees it and suspends, and another one hears the owner", async () => {
  const { email, accountId } = await world.addVerified();
  const home = { from: "10.200.1.1" };
  await world.post("/v1/sessions", { email, password: goodPassword }, home);
  const guesses: number[] = [];
  while (guesses.length < 120 && guesses.at(-1) !== 429)
    guesses.push((await world.signIn(email, "x")).status);
  expect(guesses.at(-1)).toBe(429);

  const found = await say(first, "/v1/admin/account-look-ups", { email });
  expect(found.body).toEqual({ id: toTypeId("acc", accountId) });
  const signals = [{ kind: "passwords.often_refused", count: 1 }];
  expect((await look(first, path(accountId))).body).toMatchObject({ state: "active", signals });

  expect((await suspend(first, accountId, "abuse")).body).toMatchObject({ state: "suspended" });
  const at = await appeal(email, home);
  expect(codeOf(await say(first, `${at}/grant`))).toEqual({ status: 403, code: "appeal.same_person" });
  expect((await say(second, `${at}/grant`)).body).toMatchObject({ state: "active", openAppeals: 0 });
  expect((await world.post("/v1/sessions", { email, password: goodPassword }, home)).status).toBe(201);
});

describe("a suspended account", () => {
  test("stands in the queue with its owner's words, for those who may answer, and nobody's address", async () => {
    const { email, accountId } = await world.addVerified();
    await suspend(first, accountId, "legal");
    const own = async (queue: string) => {
      const { body } = await look(second, `${base}?limit=100&queue=${queue}`);
      return body.data.filter(({ id }: { id: string }) => id === toTypeId("acc", accountId));
    };
    expect([await own("appealed"), await own("suspended")]).toMatchObject([[], [{ openAppeals: 0 }]]);
    await appeal(email);
    const { waiting } = await readHouseState(world.deps.system, world.deps.clock.now());
    expect(waiting.appeals).toMatchObject({ oldestAt: expect.any(Date) });
    expect(await own("appealed")).toMatchObject([{ reason: "legal", openAppeals: 1 }]);
    const { body } = await look(second, path(accountId));
    expect(body).toMatchObject({
      suspendedBy: toTypeId("acc", first.accountId),
      appeals: [{ state: "open", text: "It was my cousin's order." }],
    });
    const read = await look(await addAdmin("auditor"), path(accountId));
    expect(read.body.appeals).toMatchObject([{ state: "open", text: null }]);
    for (const each of [body, read.body]) expect(JSON.stringify(each)).not.toContain(email);
  });

  test("is listed page by page", async () => {
    for (const _ of [1, 2, 3]) await suspend(first, (await world.addVerified()).accountId);
    const whole = await look(first, `${base}?limit=100&queue=suspended`);
    const ids = whole.body.data.map(({ id }: { id: string }) => id);
    const seen = [];
    for (let cursor = ""; ;) {
      const { body } = await look(first, `${base}?limit=2&queue=suspended${cursor}`);
      seen.push(...body.data.map(({ id }: { id: string }) => id));
      if (!body.hasMore) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(seen).toEqual(ids);
    expect(ids.length).toBeGreaterThan(2);
  });

  test("is suspended once, by nobody themselves, and each act is its admin's in the platform's log", async () => {
    const { email, accountId } = await world.addVerified();
    const admin = await addAdmin("compliance");
    const key = randomUUID();
    const told = [
      await suspend(admin, accountId, "fraud", key),
      await suspend(admin, accountId, "fraud", key),
    ];
    expect(told.map(({ body }) => body.state)).toEqual(["suspended", "suspended"]);
    expect((await suspend(admin, accountId)).status).toBe(200);
    const taken = { status: 409, code: "account.suspended_already" };
    expect(codeOf(await suspend(second, accountId))).toEqual(taken);
    expect(codeOf(await suspend(admin, admin.accountId))).toEqual({ status: 403, code: "account.own" });
    const at = await appeal(email);
    await say(admin, `${path(accountId)}/reinstate`);
    expect(codeOf(await say(second, `${at}/refuse`))).toEqual({
      status: 409,
      code: "appeal.already_decided",
    });
    expect(await actsOf(admin)).toEqual(["admin account.suspended", "admin account.reinstated"]);
    const mails = kindsOf(await world.mailsOf(accountId)).slice(-2);
    expect(mails).toEqual(["account_suspended", "account_reinstated"]);
  });

  test("hears that its appeal is refused, once, and may write again", async () => {
    const { email, accountId } = await world.addVerified();
    await suspend(first, accountId);
    const at = await appeal(email);
    for (const _ of [1, 2]) expect((await say(second, `${at}/refuse`)).body.state).toBe("suspended");
    expect(codeOf(await say(second, `${at}/grant`))).toEqual({ status: 409, code: "appeal.already_decided" });
    expect(kindsOf(await world.mailsOf(accountId)).filter((kind) => kind === "appeal_refused")).toHaveLength(
      1,
    );
    expect((await say(second, `${await appeal(email)}/grant`)).body.state).toBe("active");
  });

  test("is nobody's to decide whose proof is older than ten minutes", async () => {
    const { email, accountId } = await world.addVerified();
    await suspend(first, accountId);
    const at = await appeal(email);
    world.passTime(10 * 60_000);
    const answers = [
      await suspend(second, accountId),
      await say(second, `${path(accountId)}/reinstate`),
      await say(second, `${at}/grant`),
      await say(second, `${at}/refuse`),
    ].map(codeOf);
    world.passTime(-10 * 60_000);
    expect(answers).toEqual(answers.map(() => ({ status: 403, code: "step_up.required" })));
  });
});
