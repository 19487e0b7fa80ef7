import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { GrowingLimiter } from "../../api/auth/growing-limiter.ts";
import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { addEnrolled, signIn, tokenOf } from "./factor-steps.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld } from "./owner-world.ts";

const minute = 60_000;
const phone = {
  "user-agent": "Mozilla/5.0 (Linux; Android 14; SM-A546E) Chrome/128.0.6613.88 Mobile Safari/537.36",
  "x-forwarded-for": "203.0.113.77",
  cookie: "browser=ThePhonesOwnRandomName",
};
const laptop = {
  "user-agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/130.0",
  "x-forwarded-for": "2001:db8:7::5",
  cookie: "browser=LaptopsOwnRandomName-_",
};
/** The same kind of phone in the same network, which is another one. */
const neighbour = { ...phone, cookie: "" };

/** Each costs a hash: in truth it is a hundred. */
const fewGuesses = 6;

let world: OwnerWorld;
beforeAll(async () => {
  const few = { keyPrefix: "few", points: fewGuesses, duration: 900, firstBlock: 60, longestBlock: 900 };
  world = await createOwnerWorld({ ...createRateLimits(), signInByAccount: new GrowingLimiter(few) });
  world.deps.settings.trustedProxies = 1;
});
afterAll(() => world.close());

async function addAccount() {
  const account = await world.addAccount();
  const signInFrom = async (headers: Record<string, string>): Promise<string> =>
    (await signIn(world, account, headers)).body.token;
  return { ...account, signInFrom };
}

const list = async (token: string) => (await world.ask("GET", "/v1/sessions", { token })).body.data;
const eventsOf = async (token: string): Promise<{ kind: string; data: object }[]> =>
  (await world.ask("GET", "/v1/account-events", { token })).body.data;
const kindsOf = async (token: string) => (await eventsOf(token)).map(({ kind }) => kind);

describe("the list of sessions", () => {
  test("M:MMSO-57 shows device, network and times, coarse, beside a log of what happened", async () => {
    const { signInFrom } = await addAccount();
    const [first, second] = [await signInFrom(phone), await signInFrom(laptop)];
    const sessions = await list(second);
    expect(sessions).toMatchObject([
      { isCurrent: true, device: "Firefox on Windows", network: "2001:db8:7::/48", hasFactor: false },
      { isCurrent: false, device: "Chrome on Android", network: "203.0.113.0/24" },
    ]);
    expect((await list(first)).map(({ isCurrent }: { isCurrent: boolean }) => isCurrent)).toEqual([
      false,
      true,
    ]);
    expect(await kindsOf(second)).toEqual(["device.first_seen", "session.started", "session.started"]);
    expect((await eventsOf(second))[0]?.data).toEqual({ sessionId: sessions[0].id });
  });

  test("keeps device and network sealed, and no address at all", async () => {
    const { accountId, signInFrom } = await addAccount();
    await signInFrom(phone);
    const { rows } = await world.owner.query(
      "select origin, s::text as row from sessions s where account_id = $1",
      [accountId],
    );
    const stored = `${rows[0].row} ${rows[0].origin.toString("latin1")}`;
    expect(stored).not.toMatch(/203\.0|Android|Chrome/);
    const { rows: devices } = await world.owner.query("select d::text as row from known_devices d");
    expect(JSON.stringify(devices)).not.toMatch(/203\.0|Android/);
  });

  test("is the account's own", async () => {
    const [mine, other] = [await addAccount(), await addAccount()];
    const [token, foreign] = [await mine.signInFrom(phone), await other.signInFrom(phone)];
    const [{ id }] = await list(foreign);
    expect((await world.ask("DELETE", `/v1/sessions/${id}`, { token })).status).toBe(404);
    expect((await world.ask("DELETE", "/v1/sessions/nonsense", { token })).status).toBe(404);
    expect(await list(foreign)).toHaveLength(1);
  });
});

describe("revoking", () => {
  test("ends a stolen session from that instant, and all others at once", async () => {
    const { signInFrom } = await addAccount();
    const [mine, stolen, third] = [
      await signInFrom(phone),
      await signInFrom(laptop),
      await signInFrom(laptop),
    ];
    const sessions: { id: string; isCurrent: boolean }[] = await list(stolen);
    const id = sessions.find(({ isCurrent }) => isCurrent)?.id;
    expect((await world.ask("DELETE", `/v1/sessions/${id}`, { token: mine })).status).toBe(204);
    expect((await world.ask("GET", "/v1/sessions/current", { token: stolen })).status).toBe(401);
    expect((await world.ask("DELETE", `/v1/sessions/${id}`, { token: mine })).status).toBe(404);
    expect((await world.ask("POST", "/v1/sessions/revoke-others", { token: mine })).body).toEqual({
      revoked: 1,
    });
    expect((await world.ask("GET", "/v1/sessions/current", { token: third })).status).toBe(401);
    expect(await list(mine)).toHaveLength(1);
  });

  test("ends sign-ins that wait for their code as well", async () => {
    const account = await addEnrolled(world);
    const { codeToken } = (await signIn(world, account)).body;
    await world.ask("POST", "/v1/sessions/revoke-others", { token: account.token });
    const body = { codeToken, code: account.recoveryCodes[0] };
    expect((await world.ask("POST", "/v1/sessions/code", { body })).body.code).toBe("sign_in.over");
  });
});

describe("a new device", () => {
  test("is told once, and the first one of an account not at all", async () => {
    const { signInFrom } = await addAccount();
    const count = async (token: string) =>
      (await kindsOf(token)).filter((kind) => kind === "device.first_seen").length;
    expect(await count(await signInFrom(phone))).toBe(0);
    expect(await count(await signInFrom({ ...phone, "x-forwarded-for": "203.0.113.99" }))).toBe(0);
    expect(await count(await signInFrom(laptop))).toBe(1);
    expect(await count(await signInFrom(laptop))).toBe(1);
    expect(await count(await signInFrom({ ...phone, "x-forwarded-for": "198.51.100.1" }))).toBe(1);
    expect(await count(await signInFrom(neighbour))).toBe(2);
  });

  test("is no program that comes again from its network, and keeps no name", async () => {
    const { signInFrom } = await addAccount();
    const till = { "user-agent": "curl/8.5", "x-forwarded-for": "203.0.113.77" };
    const count = async (token: string) =>
      (await kindsOf(token)).filter((kind) => kind === "device.first_seen").length;
    await signInFrom(phone);
    expect(await count(await signInFrom(till))).toBe(1);
    expect(await count(await signInFrom(till))).toBe(1);
  });

  test("is none that was known by its kind and network, which is known by its name from then on", async () => {
    const { accountId, signInFrom } = await addAccount();
    await signInFrom(laptop);
    const former = `${accountId}|Chrome on Android|203.0.113`;
    const index = await world.deps.blindIndexer.index("platform", "account.device", former);
    await world.owner.query(
      "insert into known_devices (account_id, device_index, created_at) values ($1, $2, now())",
      [accountId, index],
    );
    expect(await kindsOf(await signInFrom(phone))).not.toContain("device.first_seen");
    expect(await kindsOf(await signInFrom(neighbour))).toContain("device.first_seen");
    expect(await kindsOf(await signInFrom({ ...phone, "x-forwarded-for": "198.51.100.1" }))).toHaveLength(5);
  });

  test("is the first one after the 90 days for which it is known", async () => {
    const { accountId, signInFrom } = await addAccount();
    await signInFrom(phone);
    const sql = "update accounts set created_at = created_at - interval '91 days' where id = $1";
    await world.owner.query(sql, [accountId]);
    await world.owner.query("delete from known_devices where account_id = $1", [accountId]);
    expect(await kindsOf(await signInFrom(laptop))).toContain("device.first_seen");
  });

  test("of two accounts is no link between them", async () => {
    const [left, right] = [await addAccount(), await addAccount()];
    for (const { signInFrom } of [left, right]) await signInFrom(phone);
    const { rows } = await world.owner.query(
      "select distinct device_index from known_devices where account_id = any ($1)",
      [[left.accountId, right.accountId]],
    );
    expect(rows).toHaveLength(2);
  });
});

describe("guessing passwords", () => {
  test("from everywhere shuts out strangers, and not the device that the account has used", async () => {
    const account = await addAccount();
    await account.signInFrom(phone);
    const guess = (network: number) =>
      signIn(world, { ...account, password: "x" }, { "x-forwarded-for": `10.${network}.0.1` });
    for (let network = 0; network < fewGuesses; network += 1) expect((await guess(network)).status).toBe(401);
    expect((await guess(fewGuesses)).status).toBe(429);
    expect((await signIn(world, account, laptop)).status).toBe(429);
    const own = await signIn(world, account, phone);
    expect(own.status).toBe(201);
    expect(await kindsOf(own.body.token)).toContain("passwords.often_refused");
  });
});

test("guessing passwords in the owner's own network holds no device that the account has used", async () => {
  const account = await addAccount();
  await account.signInFrom(phone);
  const statuses = new Set<number>();
  for (let guess = 0; guess < 11; guess += 1)
    statuses.add((await signIn(world, { ...account, password: "x" }, neighbour)).status);
  expect(statuses).toContain(429);
  expect((await signIn(world, account, phone)).status).toBe(201);
});

describe("an admin's session", () => {
  async function addAdmin(): Promise<string> {
    const account = await world.addAccount();
    await world.giveRole(account.accountId, "subscription_admin");
    return tokenOf(world, account);
  }
  const ask = async (token: string) => (await world.ask("GET", "/v1/sessions/current", { token })).status;

  test("ends after thirty idle minutes, and not while it is used", async () => {
    const token = await addAdmin();
    for (let turn = 0; turn < 3; turn += 1) {
      world.passTime(28 * minute);
      expect(await ask(token)).toBe(200);
    }
    world.passTime(30 * minute);
    expect(await ask(token)).toBe(401);
  });

  test("ends after twelve hours in any case", async () => {
    const token = await addAdmin();
    for (let passed = 0; passed < 12 * 60; passed += 20) {
      expect(await ask(token)).toBe(200);
      world.passTime(20 * minute);
    }
    expect(await ask(token)).toBe(401);
  });
});
