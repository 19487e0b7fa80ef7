import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { hashPassword } from "../../api/auth/password.ts";
import { eventually } from "../support/eventually.ts";
import { accepted } from "./account-world.ts";
import { createApiWorld } from "./api-world.ts";
import type { ApiWorld } from "./api-world.ts";

vi.unmock("@node-rs/argon2");

let world: ApiWorld;
beforeAll(async () => {
  world = await createApiWorld();
});
afterAll(() => world.close());

type Credentials = { email: string; password: string };

async function post(path: string, body: object): Promise<number> {
  const response = await world.api.app.request(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.status;
}

async function rowsOfAll(): Promise<string[]> {
  const { rows: tables } = await world.owner.query<{ name: string }>(
    "select format('%I', table_name) as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
  );
  const { rows } = await world.owner.query<{ row: string }>(
    tables.map(({ name }) => `select t::text as row from ${name} t`).join(" union all "),
  );
  return rows.map(({ row }) => row);
}

const signIn = ({ email, password }: Credentials) => post("/v1/sessions", { email, password });

test("hashes a password for an unknown address too", async () => {
  const account = await world.addAccount();
  // Processor time, since the clock on the wall says little on a busy machine.
  const effortOf = async (credentials: Credentials) => {
    const before = process.cpuUsage();
    for (let run = 0; run < 3; run += 1) expect(await signIn(credentials)).toBe(401);
    return process.cpuUsage(before).user;
  };
  await signIn({ email: "warm-up@example.com", password: "x" });
  const known = await effortOf({ ...account, password: "wrong" });
  const unknown = await effortOf({ email: "nobody@example.com", password: "wrong" });
  expect(unknown).toBeGreaterThan(known / 3);
});

test("hashes the password of a sign-up for a taken address too", async () => {
  const { email } = await world.addAccount();
  const effortOf = async (address: string) => {
    const before = process.cpuUsage();
    const body = { email: address, password: "seven green umbrellas", accepted };
    for (let run = 0; run < 3; run += 1) expect(await post("/v1/accounts", body)).toBe(202);
    return process.cpuUsage(before).user;
  };
  const free = await effortOf("free@example.com");
  expect(await effortOf(email)).toBeGreaterThan(free / 3);
});

test("P:ONA-02 P:MIK-05 P:OCH-04 signs up with an address and a password alone, which is nowhere but as argon2id", async () => {
  const [email, password] = ["somebody@example.com", "CANARY seven green umbrellas"];
  expect(await post("/v1/accounts", { email, password, accepted })).toBe(202);
  const all = await eventually("the account is written", async () => {
    const rows = (await rowsOfAll()).join("\n");
    return rows.includes("$argon2id$") && rows;
  });
  for (const trace of [
    password,
    Buffer.from(password).toString("hex"),
    Buffer.from(password).toString("base64"),
  ])
    expect(all.includes(trace)).toBe(false);
  const [, effort] = /\$argon2id\$v=19\$(m=\d+,t=\d+)/u.exec(all) ?? [];
  const [memory = 0, passes = 0] = (effort ?? "").split(",").map((part) => Number(part.slice(2)));
  expect(memory).toBeGreaterThanOrEqual(19_456);
  expect(passes).toBeGreaterThanOrEqual(2);
});

test("keeps a password as argon2id with the effort that we promise", async () => {
  const { accountId, email, password } = await world.addAccount();
  const { rows } = await world.owner.query<{ hash: string }>(
    "select password_hash as hash from accounts where id = $1",
    [accountId],
  );
  expect(rows[0]?.hash).toMatch(/^\$pepper1\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
  expect(await signIn({ email, password })).toBe(201);
});

test("a password that was hashed in an older way lets in all who know it and come at once", async () => {
  const account = await world.addAccount();
  await world.owner.query("update accounts set password_hash = $2 where id = $1", [
    account.accountId,
    await hashPassword(account.password),
  ]);
  expect(await Promise.all(Array.from({ length: 4 }, () => signIn(account)))).toEqual([201, 201, 201, 201]);
});
